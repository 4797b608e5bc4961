package main

import (
	"context"
	"log/slog"
	"time"

	"k8s.io/client-go/discovery"
	"k8s.io/client-go/rest"

	"crofthci.io/croft/fleet/collect"
	"crofthci.io/croft/fleet/index/rights"
)

// waitForKinds waits until the hub serves some kinds: plural by group and version.
func waitForKinds(ctx context.Context, hub *rest.Config, needed map[string]string) error {
	client, err := discovery.NewDiscoveryClientForConfig(hub)
	if err != nil {
		return err
	}
	told := false
	for {
		missing := missingKinds(client, needed)
		if len(missing) == 0 {
			return nil
		}
		if !told {
			slog.Info("waiting for kinds in the hub; the chart croft-fleet installs them", "missing", missing)
			told = true
		}
		if err := pause(ctx, time.Second); err != nil {
			return err
		}
	}
}

func missingKinds(client *discovery.DiscoveryClient, needed map[string]string) []string {
	var missing []string
	for version, resource := range needed {
		served, err := client.ServerResourcesForGroupVersion(version)
		found := false
		if err == nil {
			for _, each := range served.APIResources {
				found = found || each.Name == resource
			}
		}
		if !found {
			missing = append(missing, resource+"."+version)
		}
	}
	return missing
}

// waitForRights waits until the hub's own RBAC is known: before that, everybody would be told that there are no sites.
func waitForRights(ctx context.Context, hub *collect.Collector) error {
	for {
		health, listed := hub.Health(), true
		for _, t := range rights.Types() {
			listed = listed && health.Sources[t.Sources[0].Name()].Listed
		}
		if listed {
			return nil
		}
		if err := pause(ctx, 100*time.Millisecond); err != nil {
			return err
		}
	}
}

func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
