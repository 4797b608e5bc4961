package handler

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	toolscache "k8s.io/client-go/tools/cache"
	"k8s.io/client-go/tools/record"
	"k8s.io/client-go/util/workqueue"
	kubevirtv1 "kubevirt.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/test/controlplane"
	"crofthci.io/croft/test/site/guest"
	"crofthci.io/croft/test/site/node"
	"crofthci.io/croft/test/site/site"
)

const workers = 24

// handler is all virt-handlers of a site.
type handler struct {
	site     *site.Site
	client   client.Client // as the service account kubevirt-handler
	cache    client.Reader // machines and pods, from memory
	events   record.EventRecorder
	launcher guest.Launcher
	accel    string
	lowPorts bool
	queue    workqueue.TypedRateLimitingInterface[types.NamespacedName]
	domains  *domains
	consoles *consoles

	stamps   sync.Map // keys of things that happen once per machine, see once
	admitted sync.Map // what guests were told of who may come in, by machine
}

// Run plays the virt-handlers until the context ends. Machines in QEMU stay;
// the next Run adopts them.
func Run(ctx context.Context, s *site.Site) error {
	h, err := newHandler(ctx, s)
	if err != nil {
		return err
	}
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error { return h.control(ctx) })
	group.Go(func() error { return h.serve(ctx) })
	return group.Wait()
}

func newHandler(ctx context.Context, s *site.Site) (*handler, error) {
	as, err := client.New(s.Handler, client.Options{Scheme: s.Client.Scheme(), Mapper: s.Client.RESTMapper()})
	if err != nil {
		return nil, fmt.Errorf("handler: %w", err)
	}
	events, err := newRecorder(ctx, s.Handler, s.Client.Scheme())
	if err != nil {
		return nil, err
	}
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("handler: %w", err)
	}
	h := &handler{
		site:     s,
		client:   as,
		cache:    s.Cache,
		events:   events,
		launcher: guest.Launcher{Command: []string{self, "launch"}, QEMU: "qemu-system-x86_64", Env: launcherEnv()},
		accel:    guest.Accel(ctx, "qemu-system-x86_64"),
		lowPorts: guest.MayForwardLowPorts(s.NodeAddress(1)),
		queue:    workqueue.NewTypedRateLimitingQueue(workqueue.DefaultTypedControllerRateLimiter[types.NamespacedName]()),
		domains:  newDomains(),
		consoles: newConsoles(),
	}
	s.Players.Hold(h.needsPod)
	s.Log.Info("handler", "accelerator", h.accel, "lowPorts", h.lowPorts)
	return h, nil
}

// control reconciles machines until the context ends.
func (h *handler) control(ctx context.Context) error {
	if err := h.watch(ctx); err != nil {
		return err
	}
	if !h.site.Cache.WaitForCacheSync(ctx) {
		return nil // the context has ended
	}
	h.sweep(ctx)
	var all sync.WaitGroup
	all.Go(func() { h.watchFaults(ctx) })
	for range workers {
		all.Go(func() { h.work(ctx) })
	}
	<-ctx.Done()
	h.queue.ShutDown()
	all.Wait()
	h.domains.detach()
	return nil
}

func (h *handler) watch(ctx context.Context) error {
	machines, err := h.site.Cache.GetInformer(ctx, &kubevirtv1.VirtualMachineInstance{})
	if err != nil {
		return fmt.Errorf("handler: watch machines: %w", err)
	}
	if _, err := machines.AddEventHandler(onAny(func(object client.Object) {
		h.queue.Add(client.ObjectKeyFromObject(object))
	})); err != nil {
		return fmt.Errorf("handler: watch machines: %w", err)
	}
	if err := h.site.Cache.IndexField(ctx, &corev1.Pod{}, podIndex, indexPod); err != nil {
		return fmt.Errorf("handler: index pods: %w", err)
	}
	pods, err := h.site.Cache.GetInformer(ctx, &corev1.Pod{})
	if err != nil {
		return fmt.Errorf("handler: watch pods: %w", err)
	}
	if _, err := pods.AddEventHandler(onAny(func(object client.Object) {
		if name := object.GetAnnotations()[kubevirtv1.DomainAnnotation]; name != "" {
			h.queue.Add(types.NamespacedName{Namespace: object.GetNamespace(), Name: name})
		}
	})); err != nil {
		return fmt.Errorf("handler: watch pods: %w", err)
	}
	return nil
}

// onAny calls back for an object that was added, changed or deleted.
func onAny(call func(client.Object)) toolscache.ResourceEventHandler {
	each := func(object any) {
		if gone, ok := object.(toolscache.DeletedFinalStateUnknown); ok {
			object = gone.Obj
		}
		if o, ok := object.(client.Object); ok {
			call(o)
		}
	}
	return toolscache.ResourceEventHandlerFuncs{
		AddFunc:    each,
		UpdateFunc: func(_, object any) { each(object) },
		DeleteFunc: each,
	}
}

func (h *handler) work(ctx context.Context) {
	for {
		key, over := h.queue.Get()
		if over {
			return
		}
		again, err := h.reconcile(ctx, key)
		switch {
		case apierrors.IsConflict(err) || apierrors.IsNotFound(err):
			h.queue.AddRateLimited(key) // a newer one is on its way through the watch
		case err != nil && !errors.Is(err, context.Canceled):
			h.site.Log.Warn("handler", "machine", key.String(), "error", err)
			h.queue.AddRateLimited(key)
		case again > 0:
			h.queue.Forget(key)
			h.queue.AddAfter(key, again)
		default:
			h.queue.Forget(key)
		}
		h.queue.Done(key)
	}
}

// reconcile does what a machine needs now, and says when to look again.
func (h *handler) reconcile(ctx context.Context, key types.NamespacedName) (time.Duration, error) {
	vmi := &kubevirtv1.VirtualMachineInstance{}
	err := h.cache.Get(ctx, key, vmi)
	if apierrors.IsNotFound(err) {
		h.dropOthers(key, "")
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	h.dropOthers(key, vmi.UID)
	vmi = vmi.DeepCopy()
	n, ours := h.site.NodeNumber(nodeOf(vmi))
	if !ours || node.Stopped(h.site, n) {
		return 0, nil
	}
	switch {
	case vmi.IsFinal():
		return 0, h.cleanUp(ctx, vmi)
	case leaving(vmi) || h.podLeaves(ctx, vmi):
		return h.shutDown(ctx, vmi)
	case vmi.Status.Phase == kubevirtv1.Scheduled:
		return h.start(ctx, vmi)
	case vmi.Status.Phase != kubevirtv1.Running:
		return 0, nil // still virt-controller's
	case migrating(vmi):
		return h.migrate(ctx, vmi)
	default:
		return h.keep(ctx, vmi)
	}
}

// nodeOf is the node that owns a machine.
func nodeOf(vmi *kubevirtv1.VirtualMachineInstance) string {
	if vmi.Status.NodeName != "" {
		return vmi.Status.NodeName
	}
	return vmi.Labels[kubevirtv1.NodeNameLabel]
}

// leaving is true for a machine that somebody deleted and that is on a node.
func leaving(vmi *kubevirtv1.VirtualMachineInstance) bool {
	return vmi.DeletionTimestamp != nil &&
		(vmi.Status.Phase == kubevirtv1.Scheduled || vmi.Status.Phase == kubevirtv1.Running)
}

// serve runs the TLS servers of all nodes: one for virt-api, and one for who reads what is counted.
func (h *handler) serve(ctx context.Context) error {
	tls := newCertificates(h.site)
	group, ctx := errgroup.WithContext(ctx)
	for n := 1; n <= h.site.Nodes; n++ {
		group.Go(func() error { return h.serveNode(ctx, n, controlplane.HandlerPort, h.routes(n), tls.current) })
		group.Go(func() error { return h.serveNode(ctx, n, metricsPort, h.metrics(n), tls.forAnybody) })
	}
	return group.Wait()
}
