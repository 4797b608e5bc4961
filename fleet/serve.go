package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/rest"
	"k8s.io/utils/ptr"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/config"
	"sigs.k8s.io/controller-runtime/pkg/metrics"
	"sigs.k8s.io/controller-runtime/pkg/metrics/server"

	"crofthci.io/croft/fleet/bulkoperation"
	"crofthci.io/croft/fleet/collect"
	"crofthci.io/croft/fleet/guestcluster"
	"crofthci.io/croft/fleet/index"
	"crofthci.io/croft/fleet/index/rights"
	"crofthci.io/croft/fleet/serve"
	"crofthci.io/croft/fleet/site"
	"crofthci.io/croft/fleet/virtualmachine"
	fleetv1 "crofthci.io/croft/pkg/apis/fleet/v1alpha1"
	"crofthci.io/croft/pkg/rancher/management"
)

// hubSite is the name under which the hub's own RBAC is kept beside that of the sites. No cluster can have it.
const hubSite = "_hub"

// fleetOptions say where the fleet's half of the hub works.
type fleetOptions struct {
	// HubConfig is how the hub's Kubernetes API is reached.
	HubConfig *rest.Config
	// RancherURL is the address of Rancher, or of the hub that stands in for it.
	RancherURL string
	// Token is a Rancher token that may reach every site and read there what is indexed (see capabilities.go), RBAC and
	// settings. It is not looked at where there is a TokenFile.
	Token string
	// TokenFile is a file that holds such a token. It is read again and again, so that the token may change.
	TokenFile string
	// CACert is the PEM bundle that signs Rancher's certificate; empty means the system's.
	CACert []byte
	// DataDir is where the index is kept.
	DataDir string
	// MetricsListen is the address and port of /metrics; empty means that there is none.
	MetricsListen string
}

// serveFleet finds the sites, follows them and serves the index until the context ends. It dials out to Rancher and
// listens nowhere. The chart has made the CRD of Site and the APIService that lets Rancher find it; until they are there,
// it waits.
func serveFleet(ctx context.Context, options fleetOptions) error {
	types := slices.Concat([]*index.Type{site.Type}, indexed, ofHub, rights.Types())
	rows, err := index.Open(ctx, filepath.Join(options.DataDir, "index"), types)
	if err != nil {
		return err
	}
	defer rows.Close()
	book, err := openBook(ctx, rows)
	if err != nil {
		return err
	}
	var counted fleetMetrics
	if options.MetricsListen != "" {
		if counted, err = newMetrics(metrics.Registry, rows); err != nil {
			return err
		}
	}
	rancher, err := rancherConfig(options)
	if err != nil {
		return err
	}
	groups, err := groupsOf(options.HubConfig)
	if err != nil {
		return err
	}
	fleet := &site.Fleet{
		Rancher: rancher, Types: append(indexed[:len(indexed):len(indexed)], rights.Types()...),
		Index: rows, Budget: collect.DefaultBudget, Metrics: counted.collected, Conditions: counted.sites,
	}
	hub := &collect.Collector{ID: hubSite, Config: options.HubConfig, Types: append(rights.Types(), ofHub...), Index: rows, Budget: hubBudget()}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return hub.Run(ctx) })
	fleet.Follow()
	group.Go(func() error { return takeTurns(ctx, options.HubConfig, fleet) })
	group.Go(func() error { return manageSites(ctx, options, fleet) })
	group.Go(func() error {
		if err := waitForRights(ctx, hub); err != nil {
			return err
		}
		access := &serve.Access{Hub: hubSite, Book: book, Index: rows, Sites: site.Type, Groups: groups}
		guests := &guestcluster.Server{Access: access, Machines: virtualmachine.Type, Next: serve.Measure(counted.asked, serve.New(access, ""))}
		credentials, err := serveCredentials(options.HubConfig, access, guests)
		if err != nil {
			return err
		}
		operations, err := serveOperations(options.HubConfig, access, credentials)
		if err != nil {
			return err
		}
		group.Go(func() error { return manageCredentials(ctx, options.HubConfig, rancher) })
		group.Go(func() error {
			return manageOperations(ctx, options.HubConfig, bulkoperation.Options{Access: access, Types: indexed, Rancher: rancher})
		})
		return serve.Dial(ctx, options.HubConfig, operations)
	})
	err = group.Wait()
	fleet.Wait()
	if errors.Is(err, context.Canceled) {
		return nil
	}
	return err
}

// hubBudget is what the hub's own cluster may cost: a bulk operation keeps each of its items.
func hubBudget() collect.Budget {
	budget := collect.DefaultBudget
	budget.PartBytes = 1 << 20
	return budget
}

// openBook makes the book of rights from what the index has kept, and has it follow the index.
func openBook(ctx context.Context, rows *index.Index) (*rights.Book, error) {
	book := rights.NewBook()
	if err := book.Load(ctx, rows); err != nil {
		return nil, fmt.Errorf("load rights: %w", err)
	}
	owners := bulkoperation.Owners{Hub: hubSite, Book: book}
	if err := owners.Load(ctx, rows); err != nil {
		return nil, err
	}
	n := &notifier{tell: rows.TellRights}
	rows.OnEvent(func(event index.Event) {
		concerned, err := book.Event(event)
		if err == nil && !concerned {
			concerned, err = owners.Event(event)
		}
		if err != nil {
			slog.Error("a right could not be read and does not count", "site", event.Key.Site, "object", event.Key.ID(), "error", err)
			return
		}
		if concerned {
			n.note(event.Key.Site)
		}
	})
	return book, nil
}

// notifier tells subscribers that rights have changed, once for what changes together: a site that joins brings
// thousands of bindings, and each subscriber works his rights out anew when he is told.
type notifier struct {
	tell  func(site string)
	lock  sync.Mutex
	sites map[string]struct{}
}

// together is how long changes of rights are gathered.
const together = 250 * time.Millisecond

func (n *notifier) note(site string) {
	n.lock.Lock()
	defer n.lock.Unlock()
	if n.sites == nil {
		n.sites = map[string]struct{}{}
		time.AfterFunc(together, n.flush)
	}
	n.sites[site] = struct{}{}
}

func (n *notifier) flush() {
	n.lock.Lock()
	sites := n.sites
	n.sites = nil
	n.lock.Unlock()
	for site := range sites {
		n.tell(site)
	}
}

// rancherConfig is how the sites are reached. A token in a file goes on in it: client-go reads it anew every minute, and
// for every site that joins. The one that is there now is what counts while the file cannot be read.
func rancherConfig(options fleetOptions) (*rest.Config, error) {
	config := &rest.Config{
		Host: options.RancherURL, BearerToken: options.Token, UserAgent: "croft-fleet", QPS: -1,
		TLSClientConfig: rest.TLSClientConfig{CAData: options.CACert},
	}
	if options.TokenFile == "" {
		return config, nil
	}
	token, err := os.ReadFile(options.TokenFile)
	if err != nil {
		return nil, fmt.Errorf("read Rancher's token: %w", err)
	}
	config.BearerToken, config.BearerTokenFile = strings.TrimSpace(string(token)), options.TokenFile
	return config, nil
}

// manageSites runs the controller that follows Rancher's clusters.
func manageSites(ctx context.Context, options fleetOptions, fleet *site.Fleet) error {
	if err := waitForKinds(ctx, options.HubConfig, siteKinds); err != nil {
		return err
	}
	scheme := runtime.NewScheme()
	if err := errors.Join(management.AddToScheme(scheme), fleetv1.AddToScheme(scheme)); err != nil {
		return err
	}
	listen := options.MetricsListen
	if listen == "" {
		listen = "0"
	}
	manager, err := ctrl.NewManager(options.HubConfig, ctrl.Options{
		Scheme: scheme, Metrics: server.Options{BindAddress: listen},
		// Tests run several hubs in one process; the name is used for metrics alone.
		Controller: config.Controller{SkipNameValidation: ptr.To(true)},
	})
	if err != nil {
		return fmt.Errorf("manage sites: %w", err)
	}
	if err := site.Add(ctx, manager, fleet); err != nil {
		return err
	}
	return manager.Start(ctx)
}

// siteKinds are what the hub has to serve before sites can be managed.
var siteKinds = map[string]string{management.GroupVersion.String(): "clusters", fleetv1.GroupVersion.String(): "sites"}
