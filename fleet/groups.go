package main

import (
	"context"
	"fmt"
	"net/url"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/rest"

	"crofthci.io/croft/fleet/standalone/session"
	"crofthci.io/croft/pkg/rancher/management"
)

// groupsOf says in which groups a user of Rancher is, as Rancher would say to a cluster. Of somebody who is no user of
// Rancher, such as a service account, it knows none. A hub without Rancher keeps no groups of its own.
func groupsOf(hub *rest.Config) (func(ctx context.Context, user string) ([]string, error), error) {
	client, err := discovery.NewDiscoveryClientForConfig(hub)
	if err != nil {
		return nil, fmt.Errorf("reach the hub: %w", err)
	}
	read := func(ctx context.Context, resource, name string) ([]byte, error) {
		path := "/apis/" + management.GroupVersion.String() + "/" + resource + "/" + url.PathEscape(name)
		return client.RESTClient().Get().AbsPath(path).DoRaw(ctx)
	}
	return func(ctx context.Context, user string) ([]string, error) {
		if _, err := read(ctx, "users", user); err != nil {
			return nil, unlessMissing(err)
		}
		groups := []string{session.GroupCattleAuthenticated}
		attribute, err := read(ctx, "userattributes", user)
		if err != nil {
			return groups, unlessMissing(err)
		}
		more, err := management.GroupsOf(attribute)
		return append(groups, more...), err
	}, nil
}

// unlessMissing is an error that says more than that a thing is not there.
func unlessMissing(err error) error {
	if apierrors.IsNotFound(err) {
		return nil
	}
	return err
}
