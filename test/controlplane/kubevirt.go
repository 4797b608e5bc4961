package controlplane

import (
	"fmt"
	"path/filepath"

	"crofthci.io/croft/test/sandbox/process"
)

// HandlerPort is where every node's virt-handler listens, on the node's own
// address; virt-api dials it.
const HandlerPort = 8186

// certificates is where KubeVirt's or CDI's own keys are written.
func (c *Cluster) certificates(of string) string { return filepath.Join(c.PKI.Dir, of) }

// Certificates is where the keys of KubeVirt's processes are, among them those
// of the virt-handler that the simulated nodes play.
func (c *Cluster) Certificates() string { return c.certificates("kubevirt") }

// InstallKubeVirt puts KubeVirt's objects into the cluster, and its keys into
// files.
func (c *Cluster) InstallKubeVirt() []process.Spec {
	return []process.Spec{
		c.command("kubevirt", "install", "--kubeconfig="+c.Kubeconfig(), fmt.Sprintf("--virt-api-port=%d", c.Ports["virt-api"])),
		c.command("kubevirt", "certificates", "--kubeconfig="+c.Kubeconfig(), "--out="+c.Certificates()),
	}
}

// InstallInstancetypes puts KubeVirt's common instance types and preferences
// into the cluster. virt-api must answer, because it admits them.
func (c *Cluster) InstallInstancetypes() []process.Spec {
	return []process.Spec{c.command("kubevirt", "instancetypes", "--kubeconfig="+c.Kubeconfig())}
}

// VirtAPI is KubeVirt's API server.
func (c *Cluster) VirtAPI() (process.Spec, error) {
	kubeconfig, err := c.KubeconfigFor("virt-api", ServiceAccount("kubevirt", "kubevirt-apiserver"))
	if err != nil {
		return process.Spec{}, err
	}
	keys := c.Certificates()
	spec := c.spec("virt-api", "virt-api", StageAddOn,
		"--kubeconfig="+kubeconfig,
		"--listen=127.0.0.1",
		fmt.Sprintf("--port=%d", c.Ports["virt-api"]),
		fmt.Sprintf("--console-server-port=%d", HandlerPort),
		"--tls-cert-file="+filepath.Join(keys, "virt-api", "tls.crt"),
		"--tls-key-file="+filepath.Join(keys, "virt-api", "tls.key"),
		"--handler-cert-file="+filepath.Join(keys, "virt-handler-client", "tls.crt"),
		"--handler-key-file="+filepath.Join(keys, "virt-handler-client", "tls.key"),
	)
	spec.Ready = Answers("https://"+Address(c.Ports["virt-api"])+"/apis/subresources.kubevirt.io/v1/healthz", nil, "")
	return spec, nil
}

// VirtController is KubeVirt's controllers. It leads under the machine's name, so
// that it leads again at once after a restart.
func (c *Cluster) VirtController() (process.Spec, error) {
	kubeconfig, err := c.KubeconfigFor("virt-controller", ServiceAccount("kubevirt", "kubevirt-controller"))
	if err != nil {
		return process.Spec{}, err
	}
	keys := filepath.Join(c.Certificates(), "virt-controller")
	spec := c.spec("virt-controller", "kubevirt", StageAddOn,
		"--kubeconfig="+kubeconfig,
		"--listen=127.0.0.1",
		fmt.Sprintf("--port=%d", c.Ports["virt-controller"]),
		"--prom-cert-file="+filepath.Join(keys, "tls.crt"),
		"--prom-key-file="+filepath.Join(keys, "tls.key"),
		"--launcher-image=localhost/kubevirt/virt-launcher",
		"--exporter-image=localhost/kubevirt/virt-exportserver",
		"--vm-controller-threads=10",
	)
	spec.Env = []string{
		"POD_NAME=virt-controller-0",
		"CROFT_VIRT_CONTROLLER_AUTHORITIES=" + filepath.Join(c.Certificates(), "virt-controller-authorities"),
	}
	spec.Ready = Answers("https://"+Address(c.Ports["virt-controller"])+"/leader", nil, "")
	return spec, nil
}

// command is an installer: it runs to its end as the administrator.
func (c *Cluster) command(binary, name string, args ...string) process.Spec {
	spec := c.spec(name, binary, StageAddOn, args...)
	spec.Name = c.Name + "/" + binary + "-" + name
	spec.Log = filepath.Join(c.Dir, "log", binary+"-"+name+".log")
	return spec
}
