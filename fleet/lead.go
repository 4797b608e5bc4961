package main

import (
	"context"
	"fmt"
	"log/slog"
	"os"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/uuid"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/leaderelection"
	"k8s.io/client-go/tools/leaderelection/resourcelock"

	"crofthci.io/croft/fleet/serve"
	"crofthci.io/croft/fleet/site"
)

// siteLease is the lease of the replica that writes the Site objects.
const siteLease = "croft-fleet-site"

// How long a lease lasts, for how long its holder tries to keep it, and how often.
const (
	leaseLasts  = 15 * time.Second
	leaseKept   = 10 * time.Second
	leaseTried  = 2 * time.Second
	longestHost = 63
)

// takeTurns has the fleet write the Site objects while this replica has the lease. To lose it ends nothing else: sites are
// followed and lists served on, and the lease is asked for again.
func takeTurns(ctx context.Context, hub *rest.Config, fleet *site.Fleet) error {
	client, err := kubernetes.NewForConfig(hub)
	if err != nil {
		return fmt.Errorf("reach the hub: %w", err)
	}
	lock := &resourcelock.LeaseLock{
		LeaseMeta:  metav1.ObjectMeta{Namespace: serve.SecretNamespace, Name: siteLease},
		Client:     client.CoordinationV1(),
		LockConfig: resourcelock.ResourceLockConfig{Identity: identity()},
	}
	elector, err := leaderelection.NewLeaderElector(leaderelection.LeaderElectionConfig{
		Lock: lock, Name: siteLease, LeaseDuration: leaseLasts, RenewDeadline: leaseKept, RetryPeriod: leaseTried, ReleaseOnCancel: true,
		Callbacks: leaderelection.LeaderCallbacks{
			OnStartedLeading: func(context.Context) { fleet.Lead() },
			OnStoppedLeading: fleet.Follow,
		},
	})
	if err != nil {
		return fmt.Errorf("take turns at writing sites: %w", err)
	}
	for ctx.Err() == nil {
		elector.Run(ctx)
		if ctx.Err() == nil {
			slog.Warn("another replica writes the sites, or the hub's API server does not answer", "lease", siteLease)
		}
	}
	return ctx.Err()
}

// identity is this process and no other, also where two have the same host's name.
func identity() string {
	host, err := os.Hostname()
	if err != nil {
		host = "croft-fleet"
	}
	return host[:min(len(host), longestHost)] + "_" + string(uuid.NewUUID())
}
