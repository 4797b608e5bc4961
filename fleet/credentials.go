package main

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/rest"
	"k8s.io/utils/ptr"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/config"
	"sigs.k8s.io/controller-runtime/pkg/metrics/server"

	"crofthci.io/croft/fleet/guestcredential"
	"crofthci.io/croft/fleet/serve"
	fleetv1 "crofthci.io/croft/pkg/apis/fleet/v1alpha1"
	"crofthci.io/croft/pkg/rancher/provisioning"
)

// credentialLease is the lease of the replica that keeps the credentials of guest clusters.
const credentialLease = "croft-fleet-guestcredential"

// credentialKinds are what the hub has to serve before credentials can be kept.
var credentialKinds = map[string]string{
	fleetv1.GroupVersion.String(): "guestcredentials", provisioning.GroupVersion.String(): "clusters",
}

// serveCredentials puts the credentials of guest clusters before everything else that is served.
func serveCredentials(hub *rest.Config, access *serve.Access, next http.Handler) (http.Handler, error) {
	scheme, err := credentialScheme()
	if err != nil {
		return nil, err
	}
	direct, err := client.New(hub, client.Options{Scheme: scheme})
	if err != nil {
		return nil, fmt.Errorf("reach the hub: %w", err)
	}
	return &guestcredential.Server{Client: direct, Access: access, Next: next}, nil
}

// manageCredentials keeps the credentials while this replica has the lease. To lose it ends no more than that.
func manageCredentials(ctx context.Context, hub, rancher *rest.Config) error {
	known, err := discovery.NewDiscoveryClientForConfig(hub)
	if err != nil {
		return err
	}
	for len(missingKinds(known, credentialKinds)) > 0 {
		if err := pause(ctx, stepDown); err != nil {
			return err
		}
	}
	for {
		err := runCredentials(ctx, hub, rancher)
		if ctx.Err() != nil {
			return ctx.Err()
		}
		slog.Warn("the credentials of guest clusters were left alone and are taken up again", "error", err)
		if err := pause(ctx, stepDown); err != nil {
			return err
		}
	}
}

func runCredentials(ctx context.Context, hub, rancher *rest.Config) error {
	scheme, err := credentialScheme()
	if err != nil {
		return err
	}
	manager, err := ctrl.NewManager(hub, ctrl.Options{
		Scheme: scheme, Metrics: server.Options{BindAddress: "0"},
		LeaderElection: true, LeaderElectionID: credentialLease, LeaderElectionNamespace: serve.SecretNamespace,
		LeaderElectionReleaseOnCancel: true,
		Controller:                    config.Controller{SkipNameValidation: ptr.To(true)},
	})
	if err != nil {
		return fmt.Errorf("manage the credentials of guest clusters: %w", err)
	}
	if err := guestcredential.Add(manager, rancher); err != nil {
		return err
	}
	return manager.Start(ctx)
}

func credentialScheme() (*runtime.Scheme, error) {
	scheme := runtime.NewScheme()
	if err := corev1.AddToScheme(scheme); err != nil {
		return nil, err
	}
	return scheme, fleetv1.AddToScheme(scheme)
}
