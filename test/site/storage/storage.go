// Package storage plays a site's storage: what a CSI driver with its usual
// sidecars (provisioner, resizer, snapshotter) does, seen from the API server.
// Every volume and every snapshot is a file with real bytes, always raw, so that
// an empty volume, a clone, a snapshot and a restore hold exactly what they
// should; the files are sparse, so that large volumes are cheap.
//
// It is no CSI driver: there is no gRPC and no socket, and nothing is mounted.
// Who needs a volume's bytes opens site.VolumePath of its handle.
//
// Begin reading at Run, then class.go for what a site offers, provision.go for
// the life of a volume and README.md for the troubles that can be ordered.
package storage

import (
	"context"
	"fmt"
	"path/filepath"

	snapshotv1 "github.com/kubernetes-csi/external-snapshotter/client/v8/apis/volumesnapshot/v1"
	"golang.org/x/sync/errgroup"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/client-go/kubernetes"
	typedcorev1 "k8s.io/client-go/kubernetes/typed/core/v1"
	"k8s.io/client-go/tools/record"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/handler"
	"sigs.k8s.io/controller-runtime/pkg/reconcile"
	"sigs.k8s.io/controller-runtime/pkg/source"

	"crofthci.io/croft/test/site/site"
)

// workers is how many volumes are made, or snapshots taken, at once.
const workers = 8

// Run offers the site's storage until the context ends. The site's cache must
// be started.
func Run(ctx context.Context, s *site.Site) error {
	if err := bring(ctx, s.Client, s.Log); err != nil {
		return fmt.Errorf("storage: %w", err)
	}
	events, stop, err := recorder(ctx, s)
	if err != nil {
		return fmt.Errorf("storage: %w", err)
	}
	defer stop()
	v := volumes{path: s.VolumePath, snapshots: filepath.Join(s.Data, "snapshots")}

	running, ctx := errgroup.WithContext(ctx)
	for _, each := range []struct {
		name string
		kind client.Object
		do   reconcile.Reconciler
	}{
		{"provisioner", &corev1.PersistentVolumeClaim{}, &provisioner{site: s, events: events, volumes: v}},
		{"reclaimer", &corev1.PersistentVolume{}, &reclaimer{site: s, events: events, volumes: v}},
		{"resizer", &corev1.PersistentVolumeClaim{}, &resizer{site: s, events: events, volumes: v}},
		{"snapshotter", &snapshotv1.VolumeSnapshotContent{}, &snapshotter{site: s, events: events, volumes: v}},
	} {
		running.Go(func() error {
			if err := control(ctx, s, "storage-"+each.name, each.kind, each.do); err != nil {
				return fmt.Errorf("storage %s: %w", each.name, err)
			}
			return nil
		})
	}
	running.Go(func() error { return keepProfiles(ctx, s) })
	return running.Wait()
}

// control runs a reconciler for each object of a kind.
func control(ctx context.Context, s *site.Site, name string, kind client.Object, do reconcile.Reconciler) error {
	c, err := controller.NewTypedUnmanaged(name, controller.TypedOptions[reconcile.Request]{
		Reconciler:              do,
		MaxConcurrentReconciles: workers,
		// Tests run several sites in one process.
		SkipNameValidation: ptr.To(true),
		LogConstructor:     nil,
	})
	if err != nil {
		return err
	}
	if err := c.Watch(source.Kind(s.Cache, kind, &handler.EnqueueRequestForObject{})); err != nil {
		return err
	}
	return c.Start(ctx)
}

// look reads an object and says whether there is work: from the cache first,
// which is cheap and right for nearly all, then from the API server, because
// the cache may not have seen yet what we did a moment ago.
func look(ctx context.Context, s *site.Site, request reconcile.Request, object client.Object, work func() bool) (bool, error) {
	for _, reader := range []client.Reader{s.Cache, s.Client} {
		err := reader.Get(ctx, request.NamespacedName, object)
		if err != nil {
			return false, client.IgnoreNotFound(err)
		}
		if !work() {
			return false, nil
		}
	}
	return true, nil
}

// recorder writes events as the sidecars of a CSI driver do.
func recorder(ctx context.Context, s *site.Site) (record.EventRecorder, func(), error) {
	core, err := kubernetes.NewForConfig(s.Config)
	if err != nil {
		return nil, nil, err
	}
	broadcaster := record.NewBroadcaster(record.WithContext(ctx))
	broadcaster.StartRecordingToSink(&typedcorev1.EventSinkImpl{Interface: core.CoreV1().Events("")})
	return broadcaster.NewRecorder(s.Client.Scheme(), corev1.EventSource{Component: Driver}), broadcaster.Shutdown, nil
}
