package site

import (
	"context"
	"fmt"
	"log/slog"
	"net/netip"
	"path/filepath"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// Options are the facts a site is made from; main reads them from its flags.
type Options struct {
	// Name of the site, for example "site-1"; it begins its nodes' names.
	Name string
	// Config is the API server as its administrator.
	Config *rest.Config
	// Handler is the API server as the service account kubevirt-handler: only
	// that account may change a virtual machine instance's status.
	Handler *rest.Config
	// Nodes is how many nodes the site has.
	Nodes int
	// Network is the site's own part of the loopback network, a /16.
	Network netip.Prefix
	// Data is the folder that the site's bytes live in.
	Data string
	// Simulate makes every machine a state only: nothing runs in QEMU.
	Simulate bool
	// Machine is the program rancher-machine, which the Jobs of a guest cluster's machines run; "" for none.
	Machine string
	// Log is where the site's parts tell the operator what happened.
	Log *slog.Logger
}

// Site is one simulated hyper-converged cluster: nodes, kubelets, virt-handlers
// and storage, all played by one process against a real control plane.
type Site struct {
	Options

	// Client reads and writes the API server directly, as administrator. Its
	// scheme has the core kinds, KubeVirt's, CDI's and the volume snapshots'.
	Client client.Client
	// Cache holds the informers that the parts share. Reads are from memory.
	Cache cache.Cache
	// Faults are the troubles ordered by a person or a test.
	Faults *Faults
	// Players are the parts that play pods themselves instead of the kubelet.
	Players *Players

	addresses *addresses
}

// New connects a site to its API server. It starts nothing: call Start.
func New(o Options) (*Site, error) {
	scheme, err := Scheme()
	if err != nil {
		return nil, err
	}
	o.Config, o.Handler = unhurried(o.Config), unhurried(o.Handler)
	c, err := client.New(o.Config, client.Options{Scheme: scheme})
	if err != nil {
		return nil, fmt.Errorf("client of site %s: %w", o.Name, err)
	}
	shared, err := cache.New(o.Config, cache.Options{Scheme: scheme, Mapper: c.RESTMapper()})
	if err != nil {
		return nil, fmt.Errorf("cache of site %s: %w", o.Name, err)
	}
	return With(o, c, shared)
}

// With makes a site on a client and a cache that are there already.
func With(o Options, c client.Client, shared cache.Cache) (*Site, error) {
	if err := checkNetwork(o.Network); err != nil {
		return nil, err
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	return &Site{
		Options:   o,
		Client:    c,
		Cache:     shared,
		Faults:    NewFaults(),
		Players:   NewPlayers(),
		addresses: newAddresses(o.Network),
	}, nil
}

// unhurried lifts client-go's brake: one process plays hundreds of kubelets,
// and the API server has its own fairness.
func unhurried(config *rest.Config) *rest.Config {
	if config == nil {
		return nil
	}
	config = rest.CopyConfig(config)
	config.QPS, config.Burst = -1, 0
	return config
}

// Start keeps the shared cache filled until the context ends.
func (s *Site) Start(ctx context.Context) error { return s.Cache.Start(ctx) }

// NodeName is the name of node n, counted from 1.
func (s *Site) NodeName(n int) string { return fmt.Sprintf("%s-node-%d", s.Name, n) }

// NodeNumber is the number of a node of this site by its name; false when the
// name belongs to no node of ours.
func (s *Site) NodeNumber(name string) (int, bool) {
	for n := 1; n <= s.Nodes; n++ {
		if s.NodeName(n) == name {
			return n, true
		}
	}
	return 0, false
}

// VolumePath is the file with the raw bytes of a volume, of mode Block and
// Filesystem alike. The handle is the CSI volume handle, which here always is
// the name of the PersistentVolume.
func (s *Site) VolumePath(volumeHandle string) string {
	return filepath.Join(s.Data, "volumes", volumeHandle, "disk.img")
}

// GuestDir is the folder of a real guest: pid file, sockets, log of the serial
// console.
func (s *Site) GuestDir(vmi types.UID) string {
	return filepath.Join(s.Data, "guests", string(vmi))
}
