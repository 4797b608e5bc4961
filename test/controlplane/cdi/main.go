// Command cdi is the Containerized Data Importer's real control plane in one
// file: cdi-apiserver, cdi-controller and cdi-uploadproxy, each run by its name
// as the first argument, and the commands that stand for its operator: install
// and certificates. Upstream's own mains listen on every address at a fixed
// port; these listen on loopback where they are told.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"k8s.io/client-go/rest"
	"k8s.io/klog/v2"
	ctrllog "sigs.k8s.io/controller-runtime/pkg/log"

	"crofthci.io/croft/test/controlplane/apply"
)

// namespace of CDI's own objects; upstream's code assumes it outside a pod.
const namespace = "cdi"

// programs are the parts that this file can be, by the name they are called.
var programs = map[string]func(options) error{
	"cdi-apiserver":   apiServer,
	"cdi-controller":  controllers,
	"cdi-uploadproxy": uploadProxy,
	"install":         install,
	"certificates":    writeCertificates,
}

// options are the flags of all parts; each takes what it needs.
type options struct {
	kubeconfig  string
	port        int    // where the part serves (or is reached, for install)
	certDir     string // the folder that `cdi certificates` wrote
	config      *rest.Config
	uploadProxy string // URL that CDIConfig names for uploads
}

// pair answers the certificate and key file of a part in the certificate folder.
func (o options) pair(name string) (string, string) {
	return filepath.Join(o.certDir, name, "tls.crt"), filepath.Join(o.certDir, name, "tls.key")
}

func main() {
	if len(os.Args) < 2 || programs[os.Args[1]] == nil {
		fmt.Fprintln(os.Stderr, "usage: cdi cdi-apiserver|cdi-controller|cdi-uploadproxy|install|certificates [flags]")
		os.Exit(2)
	}
	name := os.Args[1]
	if err := run(name, programs[name], os.Args[2:]); err != nil {
		fmt.Fprintf(os.Stderr, "cdi %s: %v\n", name, err)
		os.Exit(1)
	}
}

func run(name string, program func(options) error, args []string) error {
	var o options
	set := flag.NewFlagSet(name, flag.ExitOnError)
	set.StringVar(&o.kubeconfig, "kubeconfig", os.Getenv("KUBECONFIG"), "path of the kubeconfig to act with")
	set.IntVar(&o.port, "port", 0, "TCP port on 127.0.0.1: of this part, or of cdi-apiserver for install")
	set.IntVar(&o.port, "api-port", 0, "the same as --port (install)")
	set.StringVar(&o.certDir, "cert-dir", ".", "folder of certificates")
	set.StringVar(&o.certDir, "out", ".", "the same as --cert-dir (certificates)")
	set.StringVar(&o.uploadProxy, "uploadproxy-url", "", "URL at which clients reach cdi-uploadproxy (install)")
	klog.InitFlags(set)
	if err := set.Parse(args); err != nil {
		return err
	}
	ctrllog.SetLogger(klog.Background())
	var err error
	o.config, err = apply.Config(o.kubeconfig)
	if err != nil {
		return err
	}
	return program(o)
}
