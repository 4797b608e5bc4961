// Command kubernetes is the real Kubernetes control plane in one file: etcd,
// kube-apiserver, kube-controller-manager, kube-scheduler and the CSI snapshot
// controller, each run by its name as the first argument, and kubectl to look at
// it. One program because they share nine tenths of their code, and linking is
// what a warm build spends its time on.
package main

import (
	"fmt"
	"os"
	_ "time/tzdata" // CronJob time zones

	"github.com/spf13/cobra"
	"go.etcd.io/etcd/server/v3/etcdmain"
	"k8s.io/component-base/cli"
	_ "k8s.io/component-base/metrics/prometheus/clientgo"
	_ "k8s.io/component-base/metrics/prometheus/version"
	kubectl "k8s.io/kubectl/pkg/cmd"
	apiserver "k8s.io/kubernetes/cmd/kube-apiserver/app"
	controllermanager "k8s.io/kubernetes/cmd/kube-controller-manager/app"
	scheduler "k8s.io/kubernetes/cmd/kube-scheduler/app"
)

// programs are the parts that this file can be, by the name they are called.
var programs = map[string]func() *cobra.Command{
	"kube-apiserver":          apiserver.NewAPIServerCommand,
	"kube-controller-manager": controllermanager.NewControllerManagerCommand,
	"kube-scheduler":          func() *cobra.Command { return scheduler.NewSchedulerCommand() },
	"kubectl":                 kubectl.NewDefaultKubectlCommand,
}

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: kubernetes etcd|kube-apiserver|kube-controller-manager|kube-scheduler|snapshot-controller|kubectl [flags]")
		os.Exit(2)
	}
	name := os.Args[1]
	os.Args = append([]string{name}, os.Args[2:]...)
	switch name {
	case "etcd":
		etcdmain.Main(os.Args)
		return
	case "snapshot-controller":
		if err := snapshotController(os.Args[1:]); err != nil {
			fmt.Fprintln(os.Stderr, "snapshot-controller:", err)
			os.Exit(1)
		}
		return
	}
	program, known := programs[name]
	if !known {
		fmt.Fprintf(os.Stderr, "kubernetes: %q is none of etcd, kube-apiserver, kube-controller-manager, kube-scheduler, snapshot-controller, kubectl\n", name)
		os.Exit(2)
	}
	os.Exit(cli.Run(program()))
}
