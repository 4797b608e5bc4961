package controlplane

import (
	"fmt"
	"time"

	"crofthci.io/croft/test/sandbox/process"
)

// InstallCDI puts CDI's objects into the cluster, with the definitions of
// snapshots and network attachments, and CDI's keys into files.
func (c *Cluster) InstallCDI() []process.Spec {
	return []process.Spec{
		c.command("cdi", "install",
			"--kubeconfig="+c.Kubeconfig(),
			fmt.Sprintf("--api-port=%d", c.Ports["cdi-apiserver"]),
			"--uploadproxy-url=https://"+Address(c.Ports["cdi-uploadproxy"]),
		),
		c.command("cdi", "certificates", "--kubeconfig="+c.Kubeconfig(), "--out="+c.certificates("cdi")),
	}
}

// CDIAPIServer is CDI's API server and webhooks.
func (c *Cluster) CDIAPIServer() (process.Spec, error) {
	spec, err := c.cdi("cdi-apiserver", ServiceAccount("cdi", "cdi-apiserver"))
	spec.Ready = Answers("https://"+Address(c.Ports["cdi-apiserver"])+"/healthz", nil, "")
	return spec, err
}

// CDIController is CDI's controllers.
func (c *Cluster) CDIController() (process.Spec, error) {
	spec, err := c.cdi("cdi-controller", ServiceAccount("cdi", "cdi-sa"))
	spec.Ready = Answers("http://"+Address(c.Ports["cdi-controller"])+"/metrics", nil, "")
	return spec, err
}

// CDIUploadProxy takes uploads of those who hold a token of a volume.
func (c *Cluster) CDIUploadProxy() (process.Spec, error) {
	spec, err := c.cdi("cdi-uploadproxy", ServiceAccount("cdi", "cdi-uploadproxy"))
	spec.Ready = Answers("https://"+Address(c.Ports["cdi-uploadproxy"])+"/healthz", nil, "")
	return spec, err
}

// cdi is what CDI's programs have in common.
func (c *Cluster) cdi(name string, account Identity) (process.Spec, error) {
	kubeconfig, err := c.KubeconfigFor(name, account)
	if err != nil {
		return process.Spec{}, err
	}
	spec := c.spec(name, "cdi", StageAddOn,
		"--kubeconfig="+kubeconfig,
		fmt.Sprintf("--port=%d", c.Ports[name]),
		"--cert-dir="+c.certificates("cdi"),
	)
	spec.Grace = 2 * time.Second // its servers do not hear SIGTERM
	return spec, nil
}

// SnapshotController is the controller of volume snapshots.
func (c *Cluster) SnapshotController() (process.Spec, error) {
	kubeconfig, err := c.KubeconfigFor("snapshot-controller", ServiceAccount("kube-system", "snapshot-controller"))
	if err != nil {
		return process.Spec{}, err
	}
	return c.spec("snapshot-controller", "kubernetes", StageControl, "--kubeconfig="+kubeconfig), nil
}
