// Command croft-site plays what a hyper-converged site needs hardware for: its
// nodes, kubelets, virt-handlers, storage and CDI's workers, against a real
// Kubernetes, KubeVirt and CDI on loopback. README.md says how to drive it and
// how to order faults.
package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/alecthomas/kong"
	"golang.org/x/sync/errgroup"
	"k8s.io/client-go/tools/clientcmd"
	ctrllog "sigs.k8s.io/controller-runtime/pkg/log"

	"github.com/go-logr/logr"

	"crofthci.io/croft/test/site/control"
	"crofthci.io/croft/test/site/guest"
	"crofthci.io/croft/test/site/handler"
	"crofthci.io/croft/test/site/importer"
	"crofthci.io/croft/test/site/kubelet"
	"crofthci.io/croft/test/site/longhorn"
	"crofthci.io/croft/test/site/machinejob"
	"crofthci.io/croft/test/site/node"
	"crofthci.io/croft/test/site/site"
	"crofthci.io/croft/test/site/storage"
)

type commands struct {
	Run    run    `cmd:"" default:"withargs" help:"Play a site until a signal comes."`
	Launch launch `cmd:"" hidden:"" help:"Keep one machine's QEMU (started by the site itself)."`
}

// run is the site; its fields' help is the manual.
type run struct {
	Kubeconfig        string       `required:"" type:"existingfile" help:"The site's API server, as administrator."`
	HandlerKubeconfig string       `required:"" type:"existingfile" help:"The same as service account kubevirt-handler."`
	Site              string       `required:"" help:"The site's name; its nodes are <site>-node-1 and so on."`
	Nodes             int          `default:"3" help:"How many nodes the site has."`
	Network           netip.Prefix `required:"" help:"The site's own /16 of 127.0.0.0/8."`
	Data              string       `required:"" type:"path" help:"The folder of the site's volumes and guests."`
	Simulate          bool         `help:"Run without QEMU: every machine is a state only."`
	RancherMachine    string       `help:"The program that runs in the Jobs which Rancher makes for machines. Without it these fail."`
	Control           string       `help:"Unix socket that faults are ordered on, taken as it is written: its path may have 107 bytes at most; <data>/control.sock if not given."`
}

// launch is the process between the site and a machine.
type launch struct {
	Dir     string   `required:"" help:"The machine's folder."`
	Command []string `arg:"" passthrough:"" help:"QEMU and its arguments."`
}

func main() {
	var c commands
	k := kong.Parse(&c, kong.Name("croft-site"), kong.Description("Play the hardware of one site."))
	k.FatalIfErrorf(k.Run())
}

// Run keeps one machine's QEMU.
func (l *launch) Run() error {
	words := l.Command
	if len(words) > 0 && words[0] == "--" {
		words = words[1:]
	}
	return guest.LaunchIn(l.Dir, words).Run()
}

// Run plays the site.
func (r *run) Run() error {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	log := slog.New(slog.NewTextHandler(os.Stderr, nil)).With("site", r.Site)
	ctrllog.SetLogger(logr.FromSlogHandler(log.Handler()))
	s, err := r.site(log)
	if err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	for _, part := range []struct {
		name string
		run  func(context.Context, *site.Site) error
	}{
		{"importer", importer.Run},
		{"cache", func(ctx context.Context, s *site.Site) error { return s.Start(ctx) }},
		{"storage", storage.Run},
		{"longhorn", longhorn.Run},
		{"node", node.Run},
		{"handler", handler.Run},
		{"machinejob", machinejob.Run},
		{"kubelet", kubelet.Run},
		{"control", func(ctx context.Context, s *site.Site) error { return control.Run(ctx, s, r.socket()) }},
	} {
		group.Go(func() error {
			err := part.run(ctx, s)
			if err == nil || errors.Is(err, context.Canceled) {
				return nil
			}
			return fmt.Errorf("%s: %w", part.name, err)
		})
	}
	log.Info("site runs", "nodes", r.Nodes, "network", r.Network.String())
	return group.Wait()
}

func (r *run) site(log *slog.Logger) (*site.Site, error) {
	admin, err := clientcmd.BuildConfigFromFlags("", r.Kubeconfig)
	if err != nil {
		return nil, fmt.Errorf("kubeconfig %s: %w", r.Kubeconfig, err)
	}
	as, err := clientcmd.BuildConfigFromFlags("", r.HandlerKubeconfig)
	if err != nil {
		return nil, fmt.Errorf("kubeconfig %s: %w", r.HandlerKubeconfig, err)
	}
	if err := os.MkdirAll(r.Data, 0o755); err != nil {
		return nil, fmt.Errorf("data folder: %w", err)
	}
	return site.New(site.Options{
		Name: r.Site, Config: admin, Handler: as, Nodes: r.Nodes,
		Network: r.Network, Data: r.Data, Simulate: r.Simulate, Machine: r.RancherMachine, Log: log,
	})
}

func (r *run) socket() string {
	if r.Control != "" {
		return r.Control
	}
	return filepath.Join(r.Data, "control.sock")
}
