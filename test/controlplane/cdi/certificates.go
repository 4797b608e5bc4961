package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/openshift/library-go/pkg/crypto"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/sets"
	"k8s.io/apiserver/pkg/authentication/user"

	"kubevirt.io/containerized-data-importer/pkg/apiserver"
	"kubevirt.io/containerized-data-importer/pkg/keys"
	"kubevirt.io/containerized-data-importer/pkg/operator/resources/cert"
)

// lifetime of every certificate: nobody rotates them here, and a sandbox is
// not kept for a year.
const lifetime = 365 * 24 * time.Hour

// certificates makes each authority that CDI names, its bundle and the
// certificate that it signs, keeping what is there; and the key of clone tokens.
func (i *installer) certificates(ctx context.Context) error {
	for _, definition := range cert.CreateCertificateDefinitions(&cert.FactoryArgs{Namespace: namespace}) {
		if err := i.certificate(ctx, definition); err != nil {
			return err
		}
	}
	_, err := keys.GetOrCreatePrivateKey(i.core, namespace, apiserver.APISigningKeySecretName, map[string]string{})
	return err
}

func (i *installer) certificate(ctx context.Context, definition cert.CertificateDefinition) error {
	authority, err := i.keep(ctx, definition.SignerSecret, func() (*crypto.TLSCertificateConfig, error) {
		return crypto.MakeSelfSignedCAConfigForDuration(definition.SignerSecret.Name, lifetime)
	})
	if err != nil {
		return err
	}
	if bundle := definition.CertBundleConfigmap; bundle != nil {
		bundle.Data = map[string]string{"ca-bundle.crt": string(authority[corev1.TLSCertKey])}
		if err := i.one(ctx, bundle); err != nil {
			return err
		}
	}
	if definition.TargetSecret == nil {
		return nil
	}
	_, err = i.keep(ctx, definition.TargetSecret, func() (*crypto.TLSCertificateConfig, error) {
		signer, err := crypto.GetCAFromBytes(authority[corev1.TLSCertKey], authority[corev1.TLSPrivateKeyKey])
		if err != nil {
			return nil, err
		}
		if definition.TargetUser != nil {
			return signer.MakeClientCertificateForDuration(&user.DefaultInfo{Name: *definition.TargetUser}, lifetime)
		}
		name := *definition.TargetService
		return signer.MakeServerCertForDuration(sets.New(name, name+"."+namespace, name+"."+namespace+".svc", "localhost", "127.0.0.1"), lifetime)
	})
	return err
}

// keep answers the secret's data from the cluster, or makes it there.
func (i *installer) keep(ctx context.Context, secret *corev1.Secret, issue func() (*crypto.TLSCertificateConfig, error)) (map[string][]byte, error) {
	there, err := i.core.CoreV1().Secrets(namespace).Get(ctx, secret.Name, metav1.GetOptions{})
	if err == nil {
		return there.Data, nil
	}
	if !apierrors.IsNotFound(err) {
		return nil, err
	}
	pair, err := issue()
	if err != nil {
		return nil, fmt.Errorf("secret %s: %w", secret.Name, err)
	}
	crt, key, err := pair.GetPEMBytes()
	if err != nil {
		return nil, fmt.Errorf("secret %s: %w", secret.Name, err)
	}
	secret.Data = map[string][]byte{corev1.TLSCertKey: crt, corev1.TLSPrivateKeyKey: key}
	return secret.Data, i.one(ctx, secret)
}

// writeCertificates writes CDI's secrets into a folder each, where its parts
// find them in a pod's mounts: <folder>/tls.crt and tls.key, token/id_rsa[.pub].
func writeCertificates(o options) error {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	i, err := newInstaller(o)
	if err != nil {
		return err
	}
	for folder, name := range map[string]string{
		"apiserver":                  "cdi-apiserver-server-cert",
		"uploadproxy":                "cdi-uploadproxy-server-cert",
		"uploadserver-signer":        "cdi-uploadserver-signer",
		"uploadserver-client-signer": "cdi-uploadserver-client-signer",
		"uploadserver-client":        "cdi-uploadserver-client-cert",
		"token":                      apiserver.APISigningKeySecretName,
	} {
		secret, err := i.core.CoreV1().Secrets(namespace).Get(ctx, name, metav1.GetOptions{})
		if err != nil {
			return err
		}
		if err := write(filepath.Join(o.certDir, folder), secret.Data); err != nil {
			return err
		}
	}
	return nil
}

func write(folder string, files map[string][]byte) error {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	for name, content := range files {
		if strings.ContainsRune(name, filepath.Separator) {
			return fmt.Errorf("secret key %q is no file name", name)
		}
		if err := os.WriteFile(filepath.Join(folder, name), content, 0o600); err != nil {
			return err
		}
	}
	return nil
}
