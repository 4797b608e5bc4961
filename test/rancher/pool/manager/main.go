// Command manager runs Cluster API's core controllers for clusters, machine deployments, machine sets, machines and machine
// health checks, unmodified, as one plain process. Cluster API's own program has webhooks and an endpoint for diagnostics
// beside them, which listen on all addresses of a machine; this one listens nowhere, and so nothing is defaulted: who makes
// objects writes down all that the webhooks would.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/klog/v2"
	clusterv1 "sigs.k8s.io/cluster-api/api/core/v1beta2"
	"sigs.k8s.io/cluster-api/api/core/v1beta2/index"
	"sigs.k8s.io/cluster-api/controllers"
	"sigs.k8s.io/cluster-api/controllers/clustercache"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	metricsserver "sigs.k8s.io/controller-runtime/pkg/metrics/server"
)

func main() {
	flag.Parse() // --kubeconfig, which controller-runtime reads
	ctrl.SetLogger(klog.Background())
	if err := run(ctrl.SetupSignalHandler()); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// run runs the controllers against the API server of --kubeconfig until the context ends.
func run(ctx context.Context) error {
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{
		clientgoscheme.AddToScheme, apiextensionsv1.AddToScheme, storagev1.AddToScheme, clusterv1.AddToScheme,
	} {
		if err := add(scheme); err != nil {
			return err
		}
	}
	config, err := ctrl.GetConfig()
	if err != nil {
		return err
	}
	config.QPS = -1
	manager, err := ctrl.NewManager(config, ctrl.Options{
		Scheme: scheme, Metrics: metricsserver.Options{BindAddress: "0"}, HealthProbeBindAddress: "0",
		Client: client.Options{Cache: &client.CacheOptions{DisableFor: []client.Object{&corev1.ConfigMap{}, &corev1.Secret{}}, Unstructured: true}},
	})
	if err != nil {
		return err
	}
	if err := index.AddDefaultIndexes(ctx, manager); err != nil {
		return err
	}
	if err := setUp(ctx, manager); err != nil {
		return err
	}
	return manager.Start(ctx)
}

// setUp adds the controllers, with the cache of guest clusters that they share.
func setUp(ctx context.Context, manager ctrl.Manager) error {
	cache, err := clustercache.SetupWithManager(ctx, manager, clustercache.Options{
		SecretClient: manager.GetClient(),
		Cache:        clustercache.CacheOptions{Indexes: []clustercache.CacheOptionsIndex{clustercache.NodeProviderIDIndex}},
		Client: clustercache.ClientOptions{UserAgent: "capi", Cache: clustercache.ClientCacheOptions{DisableFor: []client.Object{
			&corev1.ConfigMap{}, &corev1.Secret{}, &corev1.Pod{}, &appsv1.DaemonSet{}, &storagev1.VolumeAttachment{}, &corev1.PersistentVolume{},
		}}},
	}, controller.Options{})
	if err != nil {
		return err
	}
	c, reader, options := manager.GetClient(), manager.GetAPIReader(), controller.Options{MaxConcurrentReconciles: 10}
	for _, reconciler := range []interface {
		SetupWithManager(ctx context.Context, manager ctrl.Manager, options controller.Options) error
	}{
		&controllers.ClusterReconciler{Client: c, APIReader: reader, ClusterCache: cache, RemoteConnectionGracePeriod: 50 * time.Second},
		&controllers.MachineReconciler{Client: c, APIReader: reader, ClusterCache: cache, RemoteConditionsGracePeriod: 5 * time.Minute},
		&controllers.MachineSetReconciler{Client: c, APIReader: reader, ClusterCache: cache},
		&controllers.MachineDeploymentReconciler{Client: c, APIReader: reader},
		&controllers.MachineHealthCheckReconciler{Client: c, ClusterCache: cache},
	} {
		if err := reconciler.SetupWithManager(ctx, manager, options); err != nil {
			return err
		}
	}
	return nil
}
