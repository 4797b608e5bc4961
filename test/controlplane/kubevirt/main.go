// Command kubevirt is KubeVirt's real control plane but for its API server:
// virt-controller and virtctl, each run by its name as the first argument,
// and the three commands that stand for its operator: install, instancetypes
// and certificates. One program because they share nearly all of their code.
package main

import (
	"fmt"
	"os"

	_ "k8s.io/client-go/plugin/pkg/client/auth"
	"kubevirt.io/kubevirt/pkg/virtctl"
)

// programs are the parts that this file can be, by the name they are called.
var programs = map[string]func() error{
	"virt-controller": virtController,
	"virtctl":         func() error { os.Exit(virtctl.Execute()); return nil },
	"install":         installKubeVirt,
	"instancetypes":   installInstancetypes,
	"certificates":    writeCertificates,
}

func main() {
	if len(os.Args) < 2 || programs[os.Args[1]] == nil {
		fmt.Fprintln(os.Stderr, "usage: kubevirt virt-controller|virtctl|install|instancetypes|certificates [flags]")
		os.Exit(2)
	}
	program := programs[os.Args[1]]
	os.Args = os.Args[1:]
	if err := program(); err != nil {
		fmt.Fprintln(os.Stderr, "kubevirt "+os.Args[0]+":", err)
		os.Exit(1)
	}
}
