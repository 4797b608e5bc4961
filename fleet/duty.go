package main

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/rest"
	"k8s.io/utils/ptr"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/config"
	"sigs.k8s.io/controller-runtime/pkg/metrics/server"

	"crofthci.io/croft/fleet/serve"
)

// stepDown is how long it is waited before a replica that has lost a lease asks for it again.
const stepDown = 2 * time.Second

// duty is work of controllers that one replica does at a time. Every replica follows the sites and serves.
type duty struct {
	// lease is what the replica holds that does it.
	lease string
	// needs are the kinds that the hub has to serve before: plural by group and version.
	needs  map[string]string
	scheme *runtime.Scheme
	add    func(ctrl.Manager) error
}

// do does the work while this replica has the lease. To lose it, because the hub's API server was away for long, ends no
// more than that: lists are served on, and the lease is asked for again.
func (d duty) do(ctx context.Context, hub *rest.Config) error {
	if err := waitForKinds(ctx, hub, d.needs); err != nil {
		return err
	}
	for {
		err := d.once(ctx, hub)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		slog.Warn("work was interrupted and is taken up again", "lease", d.lease, "error", err)
		if err := pause(ctx, stepDown); err != nil {
			return err
		}
	}
}

func (d duty) once(ctx context.Context, hub *rest.Config) error {
	manager, err := ctrl.NewManager(hub, ctrl.Options{
		Scheme: d.scheme, Metrics: server.Options{BindAddress: "0"},
		LeaderElection: true, LeaderElectionID: d.lease, LeaderElectionNamespace: serve.SecretNamespace,
		LeaderElectionReleaseOnCancel: true,
		Controller:                    config.Controller{SkipNameValidation: ptr.To(true)},
	})
	if err != nil {
		return fmt.Errorf("manage %s: %w", d.lease, err)
	}
	if err := d.add(manager); err != nil {
		return err
	}
	return manager.Start(ctx)
}
