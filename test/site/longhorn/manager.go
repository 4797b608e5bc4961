package longhorn

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"

	"crofthci.io/croft/pkg/longhorn"
	"crofthci.io/croft/test/site/site"
)

// Port is where the manager listens, on the address of the site's first node.
const Port = 9500

// URL is where the manager of a site is reached.
func URL(s *site.Site) string {
	return "http://" + net.JoinHostPort(s.NodeAddress(1).String(), strconv.Itoa(Port))
}

// Run plays Longhorn at a site until the context ends.
func Run(ctx context.Context, s *site.Site) error {
	m := &Manager{Client: s.Client, Dir: folder(s), Volume: s.VolumePath, Log: s.Log}
	server := &http.Server{Addr: net.JoinHostPort(s.NodeAddress(1).String(), strconv.Itoa(Port)), Handler: m, ReadHeaderTimeout: time.Minute}
	stop := context.AfterFunc(ctx, func() { _ = server.Close() })
	defer stop()
	go m.Look(ctx)
	if err := server.ListenAndServe(); ctx.Err() == nil {
		return fmt.Errorf("longhorn: %w", err)
	}
	return nil
}

// folder is where a site's backing images lie.
func folder(s *site.Site) string { return filepath.Join(s.Data, "backing-images") }

// DiskOf is the file with the raw disk of a site's backing image. It is there once the image is ready.
func DiskOf(s *site.Site, name string) string { return diskIn(folder(s), name) }

func diskIn(dir, name string) string { return filepath.Join(dir, filepath.Base(name), "disk.img") }

// Manager is Longhorn's manager, as far as backing images go.
type Manager struct {
	// Client reads and writes the API server, without a cache.
	Client client.Client
	// Dir is the folder of the files.
	Dir string
	// Volume is the file of a volume, by its name.
	Volume func(name string) string
	// Log is where is said what the API server refuses.
	Log *slog.Logger

	mu     sync.Mutex
	begun  map[types.UID]context.CancelFunc
	waited sync.WaitGroup
}

// pause is how often is looked at the images.
const pause = 200 * time.Millisecond

// finalizer keeps a backing image until its files are gone.
const finalizer = "longhorn.io"

// Look looks at all backing images, until the context ends and what it began has ended.
func (m *Manager) Look(ctx context.Context) {
	defer m.waited.Wait()
	for ; ctx.Err() == nil; wait(ctx) {
		all := &longhorn.BackingImageList{}
		if err := m.Client.List(ctx, all, client.InNamespace(longhorn.Namespace)); err != nil {
			continue // a site without Longhorn does not know the kind
		}
		for i := range all.Items {
			if err := m.look(ctx, &all.Items[i]); client.IgnoreNotFound(err) != nil && ctx.Err() == nil {
				m.Log.Warn("a backing image is not as it should be", "image", all.Items[i].Name, "error", err)
			}
		}
	}
}

func wait(ctx context.Context) {
	select {
	case <-ctx.Done():
	case <-time.After(pause):
	}
}

// look begins what a new image asks for, and ends what one that goes has.
func (m *Manager) look(ctx context.Context, image *longhorn.BackingImage) error {
	if image.DeletionTimestamp != nil {
		m.end(image.UID)
		if err := os.RemoveAll(filepath.Join(m.Dir, filepath.Base(image.Name))); err != nil {
			return err
		}
		return m.patch(ctx, image, func() { controllerutil.RemoveFinalizer(image, finalizer) })
	}
	if !controllerutil.ContainsFinalizer(image, finalizer) {
		return m.patch(ctx, image, func() { controllerutil.AddFinalizer(image, finalizer) })
	}
	state := longhorn.StateOf(image)
	if state.Done || state.Failed || state.Waits || m.busy(image.UID) {
		return nil
	}
	if image.Spec.SourceType == longhorn.SourceUpload {
		return m.say(ctx, image, longhorn.BackingImageCopy{State: longhorn.CopyPending})
	}
	m.begin(ctx, image.UID, func(ctx context.Context) { m.bring(ctx, image) })
	return nil
}

func (m *Manager) patch(ctx context.Context, image *longhorn.BackingImage, change func()) error {
	before := image.DeepCopy()
	change()
	return m.Client.Patch(ctx, image, client.MergeFrom(before))
}

// say writes how far an image's only copy is.
func (m *Manager) say(ctx context.Context, image *longhorn.BackingImage, file longhorn.BackingImageCopy) error {
	before := image.DeepCopy()
	image.Status.DiskFileStatusMap = map[string]*longhorn.BackingImageCopy{"disk-1": &file}
	return m.Client.Status().Patch(ctx, image, client.MergeFrom(before))
}

// begin does something for an image until it is done or the image goes.
func (m *Manager) begin(ctx context.Context, uid types.UID, do func(context.Context)) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, busy := m.begun[uid]; busy {
		return false
	}
	ctx, cancel := context.WithCancel(ctx)
	if m.begun == nil {
		m.begun = map[types.UID]context.CancelFunc{}
	}
	m.begun[uid] = cancel
	m.waited.Go(func() {
		defer m.end(uid)
		do(ctx)
	})
	return true
}

func (m *Manager) end(uid types.UID) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if cancel, busy := m.begun[uid]; busy {
		cancel()
		delete(m.begun, uid)
	}
}

func (m *Manager) busy(uid types.UID) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	_, busy := m.begun[uid]
	return busy
}
