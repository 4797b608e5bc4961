package controlplane

import (
	"fmt"
	"path/filepath"
	"strings"

	"crofthci.io/croft/test/sandbox/process"
)

// Issuer is who signs the service account tokens of every cluster.
const Issuer = "https://kubernetes.default.svc.cluster.local"

// HubControllers are those of Kubernetes' controllers that a cluster without
// nodes and workloads needs, as a hub is here.
var HubControllers = []string{
	"namespace-controller", "serviceaccount-controller", "serviceaccount-token-controller",
	"garbage-collector-controller", "clusterrole-aggregation-controller", "root-ca-certificate-publisher-controller",
}

// Etcd is the cluster's store. It does not wait for the disk: what a crash of
// the machine would lose is a sandbox.
func (c *Cluster) Etcd() process.Spec {
	client, peer := "http://"+Address(c.Ports["etcd"]), "http://"+Address(c.Ports["etcd-peer"])
	spec := c.spec("etcd", "kubernetes", StageStore,
		"--name=croft",
		"--data-dir="+filepath.Join(c.Dir, "etcd"),
		"--listen-client-urls="+client,
		"--advertise-client-urls="+client,
		"--listen-peer-urls="+peer,
		"--initial-advertise-peer-urls="+peer,
		"--initial-cluster=croft="+peer,
		"--unsafe-no-fsync",
		"--snapshot-count=10000",
		"--quota-backend-bytes=4294967296",
		"--log-level=warn",
	)
	spec.Ready = Answers(client+"/health", nil, "")
	return spec
}

// APIServer is the kube-apiserver, on the cluster's etcd.
func (c *Cluster) APIServer() (process.Spec, error) {
	token, err := c.PKI.Token(Admin)
	if err != nil {
		return process.Spec{}, err
	}
	key := c.PKI.file
	spec := c.spec("kube-apiserver", "kubernetes", StageServer,
		"--bind-address=127.0.0.1",
		"--advertise-address=127.0.0.1",
		"--endpoint-reconciler-type=none",
		fmt.Sprintf("--secure-port=%d", c.Ports["kube-apiserver"]),
		"--etcd-servers=http://"+Address(c.Ports["etcd"]),
		"--service-cluster-ip-range=10.43.0.0/16",
		"--tls-cert-file="+key("kube-apiserver.crt"),
		"--tls-private-key-file="+key("kube-apiserver.key"),
		"--token-auth-file="+key("tokens.csv"),
		"--authorization-mode=RBAC",
		"--allow-privileged=true",
		"--service-account-issuer="+Issuer,
		"--service-account-key-file="+key("sa.pub"),
		"--service-account-signing-key-file="+key("sa.key"),
		// Mandatory for aggregated servers: virt-api reads these from
		// kube-system/extension-apiserver-authentication.
		"--requestheader-client-ca-file="+key("front-proxy-ca.crt"),
		"--requestheader-allowed-names="+FrontProxy,
		"--requestheader-extra-headers-prefix=X-Remote-Extra-",
		"--requestheader-group-headers=X-Remote-Group",
		"--requestheader-username-headers=X-Remote-User",
		"--proxy-client-cert-file="+key("front-proxy-client.crt"),
		"--proxy-client-key-file="+key("front-proxy-client.key"),
		"--profiling=false",
	)
	spec.Ready = Answers(c.Server()+"/readyz", c.PKI.CA, token)
	return spec, nil
}

// ControllerManager is the kube-controller-manager with the named controllers,
// or all of them.
func (c *Cluster) ControllerManager(controllers ...string) (process.Spec, error) {
	kubeconfig, err := c.KubeconfigFor("kube-controller-manager", Identity{User: "system:kube-controller-manager"})
	if err != nil {
		return process.Spec{}, err
	}
	if len(controllers) == 0 {
		controllers = []string{"*"}
	}
	serving, err := c.listen("kube-controller-manager")
	if err != nil {
		return process.Spec{}, err
	}
	args := append(serving,
		"--kubeconfig="+kubeconfig,
		"--leader-elect=false",
		"--controllers="+strings.Join(controllers, ","),
		"--use-service-account-credentials=true",
		"--root-ca-file="+c.PKI.file("ca.crt"),
		"--service-account-private-key-file="+c.PKI.file("sa.key"),
		"--kube-api-qps=200", "--kube-api-burst=400",
		"--profiling=false",
	)
	spec := c.spec("kube-controller-manager", "kubernetes", StageControl, args...)
	spec.Ready = c.healthz("kube-controller-manager")
	return spec, nil
}

// Scheduler is the kube-scheduler.
func (c *Cluster) Scheduler() (process.Spec, error) {
	kubeconfig, err := c.KubeconfigFor("kube-scheduler", Identity{User: "system:kube-scheduler"})
	if err != nil {
		return process.Spec{}, err
	}
	serving, err := c.listen("kube-scheduler")
	if err != nil {
		return process.Spec{}, err
	}
	args := append(serving,
		"--kubeconfig="+kubeconfig,
		"--leader-elect=false",
		"--kube-api-qps=200", "--kube-api-burst=400",
		"--profiling=false",
	)
	spec := c.spec("kube-scheduler", "kubernetes", StageControl, args...)
	spec.Ready = c.healthz("kube-scheduler")
	return spec, nil
}

// listen are the flags that let one of Kubernetes' controllers answer on its
// port.
func (c *Cluster) listen(name string) ([]string, error) {
	cert, key, err := c.PKI.Serving(name)
	if err != nil {
		return nil, err
	}
	return []string{
		"--bind-address=127.0.0.1",
		fmt.Sprintf("--secure-port=%d", c.Ports[name]),
		"--tls-cert-file=" + cert,
		"--tls-private-key-file=" + key,
	}, nil
}

func (c *Cluster) healthz(name string) process.Probe {
	return Answers("https://"+Address(c.Ports[name])+"/healthz", c.PKI.CA, "")
}
