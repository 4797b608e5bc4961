package controlplane

import (
	"fmt"
	"os"
	"path/filepath"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"

	"crofthci.io/croft/test/sandbox/process"
)

// Cluster is one control plane: where it keeps its files and where it listens.
// Its methods say how each program runs.
type Cluster struct {
	// Name begins the names of its programs, such as "site-1".
	Name string
	// Dir holds kubeconfig, pki, etcd and log.
	Dir string
	// Ports has a port for each of Listeners.
	Ports Ports
	// PKI is its keys.
	PKI *PKI
}

// NewCluster makes the directory and the keys of a cluster, or takes those that
// are there, and writes the administrator's kubeconfig.
func NewCluster(name, dir string, ports Ports) (*Cluster, error) {
	pki, err := NewPKI(filepath.Join(dir, "pki"))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	c := &Cluster{Name: name, Dir: dir, Ports: ports, PKI: pki}
	return c, c.writeKubeconfig(c.Kubeconfig(), Admin)
}

// Server is the API server's URL.
func (c *Cluster) Server() string { return "https://" + Address(c.Ports["kube-apiserver"]) }

// Kubeconfig is the file of the administrator's kubeconfig.
func (c *Cluster) Kubeconfig() string { return filepath.Join(c.Dir, "kubeconfig") }

// KubeconfigFor writes and returns the kubeconfig of an identity of the token
// file.
func (c *Cluster) KubeconfigFor(name string, identity Identity) (string, error) {
	path := filepath.Join(c.Dir, "pki", name+".kubeconfig")
	return path, c.writeKubeconfig(path, identity)
}

func (c *Cluster) writeKubeconfig(path string, identity Identity) error {
	token, err := c.PKI.Token(identity)
	if err != nil {
		return fmt.Errorf("%s: kubeconfig of %s: %w", c.Name, identity.User, err)
	}
	return c.WriteKubeconfig(path, &clientcmdapi.AuthInfo{Token: token})
}

// WriteKubeconfig writes a kubeconfig of this cluster with the given
// credentials.
func (c *Cluster) WriteKubeconfig(path string, user *clientcmdapi.AuthInfo) error {
	config := clientcmdapi.NewConfig()
	config.Clusters[c.Name] = &clientcmdapi.Cluster{Server: c.Server(), CertificateAuthorityData: c.PKI.CA}
	config.AuthInfos[c.Name] = user
	config.Contexts[c.Name] = &clientcmdapi.Context{Cluster: c.Name, AuthInfo: c.Name}
	config.CurrentContext = c.Name
	data, err := clientcmd.Write(*config)
	if err != nil {
		return fmt.Errorf("%s: kubeconfig %s: %w", c.Name, path, err)
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		return fmt.Errorf("%s: kubeconfig: %w", c.Name, err)
	}
	return nil
}

// Config is the administrator's access, without a limit on requests.
func (c *Cluster) Config() (*rest.Config, error) {
	token, err := c.PKI.Token(Admin)
	if err != nil {
		return nil, err
	}
	return &rest.Config{
		Host: c.Server(), BearerToken: token, QPS: -1,
		TLSClientConfig: rest.TLSClientConfig{CAData: c.PKI.CA},
	}, nil
}

// The stages in which a cluster's programs stop, last first.
const (
	StageStore   = iota // etcd
	StageServer         // kube-apiserver
	StageControl        // Kubernetes' own controllers
	StageAddOn          // KubeVirt, CDI, the simulated nodes
	StageCroft          // Croft's own programs
)

// spec is what all programs of a cluster have in common.
func (c *Cluster) spec(name, binary string, stage int, args ...string) process.Spec {
	return process.Spec{
		Name:  c.Name + "/" + name,
		Path:  binaryPath(binary),
		Args:  append([]string{name}, args...),
		Dir:   c.Dir,
		Log:   filepath.Join(c.Dir, "log", name+".log"),
		Stage: stage,
	}
}
