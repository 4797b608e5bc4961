package main

import (
	"context"
	"fmt"
	"net/http"

	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/rest"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/fleet/bulkoperation"
	"crofthci.io/croft/fleet/serve"
	fleetv1 "crofthci.io/croft/pkg/apis/fleet/v1alpha1"
)

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

// manageOperations does bulk work.
func manageOperations(ctx context.Context, hub *rest.Config, options bulkoperation.Options) error {
	scheme := runtime.NewScheme()
	if err := fleetv1.AddToScheme(scheme); err != nil {
		return err
	}
	return duty{
		lease:  "croft-fleet-bulkoperation",
		needs:  map[string]string{fleetv1.GroupVersion.String(): "bulkoperations"},
		scheme: scheme,
		add:    func(manager ctrl.Manager) error { return bulkoperation.Add(manager, options) },
	}.do(ctx, hub)
}
