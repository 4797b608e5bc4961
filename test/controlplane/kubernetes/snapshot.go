package main

import (
	"context"
	"flag"
	"fmt"
	"os/signal"
	"sync"
	"syscall"
	"time"

	snapshots "github.com/kubernetes-csi/external-snapshotter/client/v8/clientset/versioned"
	snapshotscheme "github.com/kubernetes-csi/external-snapshotter/client/v8/clientset/versioned/scheme"
	snapshotinformers "github.com/kubernetes-csi/external-snapshotter/client/v8/informers/externalversions"
	controller "github.com/kubernetes-csi/external-snapshotter/v8/pkg/common-controller"
	"github.com/kubernetes-csi/external-snapshotter/v8/pkg/metrics"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/util/workqueue"
	"k8s.io/klog/v2"
)

const (
	resync       = 15 * time.Minute
	retryFirst   = time.Second
	retryLongest = 30 * time.Second
	workers      = 4
)

// snapshotController runs the CSI snapshot controller: upstream's controller
// under a main without leader election or metrics, because one is all there is.
func snapshotController(args []string) error {
	set := flag.NewFlagSet("snapshot-controller", flag.ExitOnError)
	kubeconfig := set.String("kubeconfig", "", "path of the kubeconfig to act with")
	klog.InitFlags(set)
	if err := set.Parse(args); err != nil {
		return err
	}
	config, err := clientcmd.BuildConfigFromFlags("", *kubeconfig)
	if err != nil {
		return fmt.Errorf("read kubeconfig: %w", err)
	}
	config.QPS, config.Burst = -1, -1
	core, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	client, err := snapshots.NewForConfig(config)
	if err != nil {
		return err
	}
	if err := snapshotscheme.AddToScheme(scheme.Scheme); err != nil {
		return err
	}
	ofSnapshots := snapshotinformers.NewSharedInformerFactory(client, resync)
	ofCore := informers.NewSharedInformerFactory(core, resync)
	queue := func() workqueue.TypedRateLimiter[string] {
		return workqueue.NewTypedItemExponentialFailureRateLimiter[string](retryFirst, retryLongest)
	}
	v1, groups := ofSnapshots.Snapshot().V1(), ofSnapshots.Groupsnapshot().V1()
	c := controller.NewCSISnapshotCommonController(client, core,
		v1.VolumeSnapshots(), v1.VolumeSnapshotContents(), v1.VolumeSnapshotClasses(),
		groups.VolumeGroupSnapshots(), groups.VolumeGroupSnapshotContents(), groups.VolumeGroupSnapshotClasses(),
		ofCore.Core().V1().PersistentVolumeClaims(), ofCore.Core().V1().PersistentVolumes(), nil,
		metrics.NewMetricsManager(), resync, queue(), queue(), queue(), queue(), false, true, false)

	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	ofSnapshots.Start(ctx.Done())
	ofCore.Start(ctx.Done())
	var running sync.WaitGroup
	c.Run(workers, ctx.Done(), &running)
	running.Wait()
	return nil
}
