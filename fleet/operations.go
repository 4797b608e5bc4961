package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"time"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/rest"
	"k8s.io/utils/ptr"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/config"
	"sigs.k8s.io/controller-runtime/pkg/metrics/server"

	"crofthci.io/croft/fleet/bulkoperation"
	"crofthci.io/croft/fleet/serve"
	fleetv1 "crofthci.io/croft/pkg/apis/fleet/v1alpha1"
)

// leaseName is the lease of the replica that does bulk work. Every replica follows the sites and serves.
const leaseName = "croft-fleet-bulkoperation"

// stepDown is how long it is waited before a replica that has lost the lease asks for it again.
const stepDown = 2 * time.Second

// serveOperations puts the operations before everything else that is served.
func serveOperations(hub *rest.Config, access *serve.Access, next http.Handler) (http.Handler, error) {
	scheme := runtime.NewScheme()
	if err := fleetv1.AddToScheme(scheme); err != nil {
		return nil, err
	}
	direct, err := client.New(hub, client.Options{Scheme: scheme})
	if err != nil {
		return nil, fmt.Errorf("reach the hub: %w", err)
	}
	return &bulkoperation.Server{Client: direct, Access: access, Types: indexed, Next: next}, nil
}

// manageOperations does bulk work while this replica has the lease. Losing it, because the hub's API server was away for
// long, ends no more than that: lists are served on, and the lease is asked for again.
func manageOperations(ctx context.Context, hub *rest.Config, options bulkoperation.Options) error {
	if err := waitForOperations(ctx, hub); err != nil {
		return err
	}
	for {
		err := runOperations(ctx, hub, options)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		slog.Warn("bulk work was interrupted and is taken up again", "error", err)
		if err := pause(ctx, stepDown); err != nil {
			return err
		}
	}
}

func runOperations(ctx context.Context, hub *rest.Config, options bulkoperation.Options) error {
	scheme := runtime.NewScheme()
	if err := fleetv1.AddToScheme(scheme); err != nil {
		return err
	}
	manager, err := ctrl.NewManager(hub, ctrl.Options{
		Scheme: scheme, Metrics: server.Options{BindAddress: "0"},
		LeaderElection: true, LeaderElectionID: leaseName, LeaderElectionNamespace: serve.SecretNamespace,
		LeaderElectionReleaseOnCancel: true,
		Controller:                    config.Controller{SkipNameValidation: ptr.To(true)},
	})
	if err != nil {
		return fmt.Errorf("manage bulk operations: %w", err)
	}
	if err := bulkoperation.Add(manager, options); err != nil {
		return err
	}
	return manager.Start(ctx)
}

// waitForOperations waits until the hub serves the kind.
func waitForOperations(ctx context.Context, hub *rest.Config) error {
	known, err := discovery.NewDiscoveryClientForConfig(hub)
	if err != nil {
		return err
	}
	for len(missingKinds(known, map[string]string{fleetv1.GroupVersion.String(): "bulkoperations"})) > 0 {
		if err := pause(ctx, time.Second); err != nil {
			return err
		}
	}
	return nil
}
