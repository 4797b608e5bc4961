package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/rest"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/fleet/guestcredential"
	"crofthci.io/croft/fleet/serve"
	fleetv1 "crofthci.io/croft/pkg/apis/fleet/v1alpha1"
	"crofthci.io/croft/pkg/rancher/provisioning"
)

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

// manageCredentials keeps the credentials of guest clusters.
func manageCredentials(ctx context.Context, hub, rancher *rest.Config) error {
	scheme, err := credentialScheme()
	if err != nil {
		return err
	}
	return duty{
		lease:  "croft-fleet-guestcredential",
		needs:  map[string]string{fleetv1.GroupVersion.String(): "guestcredentials", provisioning.GroupVersion.String(): "clusters"},
		scheme: scheme,
		add:    func(manager ctrl.Manager) error { return guestcredential.Add(manager, rancher) },
	}.do(ctx, hub)
}

func credentialScheme() (*runtime.Scheme, error) {
	scheme := runtime.NewScheme()
	return scheme, errors.Join(corev1.AddToScheme(scheme), rbacv1.AddToScheme(scheme), fleetv1.AddToScheme(scheme))
}
