package credential

import (
	"context"
	"encoding/base64"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
	"sigs.k8s.io/yaml"

	"crofthci.io/croft/backend/capability"
)

// answer is a credential in the form that was asked for.
func answer(ctx context.Context, caller capability.Caller, secret *corev1.Secret, format string) (string, error) {
	server, err := server(ctx, caller)
	if err != nil {
		return "", err
	}
	config, err := kubeconfig(server, secret)
	if err != nil {
		return "", err
	}
	if format == formatCloudInit {
		return cloudInit(config)
	}
	return string(config), nil
}

// kubeconfig reaches a server with the token of a secret. Its namespace is where the guest's machines are: the guest's
// programs know it from here.
func kubeconfig(server string, secret *corev1.Secret) ([]byte, error) {
	const cluster = "default"
	user := fmt.Sprintf("%s-%s-%s", secret.Annotations[corev1.ServiceAccountNameKey], secret.Namespace, cluster)
	config := clientcmdapi.NewConfig()
	config.Clusters[cluster] = &clientcmdapi.Cluster{
		Server: server, CertificateAuthorityData: secret.Data[corev1.ServiceAccountRootCAKey],
	}
	config.AuthInfos[user] = &clientcmdapi.AuthInfo{Token: string(secret.Data[corev1.ServiceAccountTokenKey])}
	config.Contexts[user] = &clientcmdapi.Context{Cluster: cluster, AuthInfo: user, Namespace: secret.Namespace}
	config.CurrentContext = user
	written, err := clientcmd.Write(*config)
	if err != nil {
		return nil, fmt.Errorf("write the kubeconfig: %w", err)
	}
	return written, nil
}

// cloudInitPaths are where the cloud provider of RKE2, and that of others, look for their kubeconfig.
var cloudInitPaths = []string{
	"/etc/kubernetes/cloud-config",
	"/var/lib/rancher/rke2/etc/config-files/cloud-provider-config",
}

// writtenFile is one of cloud-init's write_files.
type writtenFile struct {
	Path        string `json:"path"`
	Owner       string `json:"owner"`
	Permissions string `json:"permissions"`
	Encoding    string `json:"encoding"`
	Content     string `json:"content"`
}

// cloudInit is a piece of user data that writes a kubeconfig where a guest cluster's programs look for it.
func cloudInit(config []byte) (string, error) {
	var files []writtenFile
	for _, path := range cloudInitPaths {
		files = append(files, writtenFile{
			Path: path, Owner: "root:root", Permissions: "0600",
			Encoding: "b64", Content: base64.StdEncoding.EncodeToString(config),
		})
	}
	written, err := yaml.Marshal(map[string][]writtenFile{"write_files": files})
	if err != nil {
		return "", fmt.Errorf("write the user data: %w", err)
	}
	return string(written), nil
}
