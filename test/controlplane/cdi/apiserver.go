package main

import (
	"context"
	"fmt"

	snapshotv1 "github.com/kubernetes-csi/external-snapshotter/client/v6/apis/volumesnapshot/v1"
	snapshots "github.com/kubernetes-csi/external-snapshotter/client/v6/clientset/versioned"
	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes"
	aggregator "k8s.io/kube-aggregator/pkg/client/clientset_generated/clientset"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/manager/signals"

	cdiv1 "kubevirt.io/containerized-data-importer-api/pkg/apis/core/v1beta1"
	"kubevirt.io/containerized-data-importer/pkg/apiserver"
	cdiclient "kubevirt.io/containerized-data-importer/pkg/client/clientset/versioned"
	"kubevirt.io/containerized-data-importer/pkg/controller/datavolume"
	certwatcher "kubevirt.io/containerized-data-importer/pkg/util/cert/watcher"
	tlswatch "kubevirt.io/containerized-data-importer/pkg/util/tls-crypto-watch"
)

// cached reads the kinds that CDI indexes from a cache, and all else directly.
type cached struct {
	client.Client
	cache cache.Cache
}

func isCached(kind any) bool {
	switch kind.(type) {
	case *corev1.PersistentVolume, *storagev1.StorageClass, *cdiv1.StorageProfile,
		*corev1.PersistentVolumeList, *storagev1.StorageClassList, *cdiv1.StorageProfileList:
		return true
	}
	return false
}

func (c cached) Get(ctx context.Context, key client.ObjectKey, object client.Object, opts ...client.GetOption) error {
	if isCached(object) {
		return c.cache.Get(ctx, key, object, opts...)
	}
	return c.Client.Get(ctx, key, object, opts...)
}

func (c cached) List(ctx context.Context, list client.ObjectList, opts ...client.ListOption) error {
	if isCached(list) {
		return c.cache.List(ctx, list, opts...)
	}
	return c.Client.List(ctx, list, opts...)
}

// apiServer serves upload tokens and CDI's admission webhooks.
func apiServer(o options) error {
	ctx := signals.SetupSignalHandler()
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{corev1.AddToScheme, storagev1.AddToScheme, cdiv1.AddToScheme, snapshotv1.AddToScheme} {
		if err := add(scheme); err != nil {
			return err
		}
	}
	direct, err := client.New(o.config, client.Options{Scheme: scheme})
	if err != nil {
		return err
	}
	store, err := cache.New(o.config, cache.Options{Scheme: scheme})
	if err != nil {
		return err
	}
	if err := datavolume.CreateAvailablePersistentVolumeIndex(store); err != nil {
		return fmt.Errorf("index volumes: %w", err)
	}
	core, err := kubernetes.NewForConfig(o.config)
	if err != nil {
		return err
	}
	cdi := cdiclient.NewForConfigOrDie(o.config)
	users, err := apiserver.NewAuthConfigWatcher(ctx, core)
	if err != nil {
		return fmt.Errorf("watch the authentication config: %w", err)
	}
	ciphers, err := tlswatch.NewCdiConfigTLSWatcher(ctx, cdi)
	if err != nil {
		return fmt.Errorf("watch CDIConfig: %w", err)
	}
	authorizer, err := apiserver.NewAuthorizorFromConfig(o.config, users)
	if err != nil {
		return err
	}
	certificate, err := certwatcher.New(o.pair("apiserver"))
	if err != nil {
		return err
	}
	server, err := apiserver.NewCdiAPIServer("127.0.0.1", uint(o.port), core, aggregator.NewForConfigOrDie(o.config), cdi,
		snapshots.NewForConfigOrDie(o.config), cached{direct, store}, authorizer, users, ciphers, certificate, map[string]string{})
	if err != nil {
		return err
	}
	failed := make(chan error, 1)
	go func() { failed <- store.Start(ctx) }()
	if !store.WaitForCacheSync(ctx) {
		return fmt.Errorf("fill the cache: %w", <-failed)
	}
	go func() { _ = certificate.Start(ctx.Done()) }() // it only reloads; the server has what it loaded
	return server.Start(ctx.Done())
}
