package bench

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/backend/image/proxy"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/longhorn"
)

// TestBackedIsFlat sends an image that Longhorn keeps through croft-backend serve, and fetches it as it is kept and as qcow2.
// Of 256 MiB, because `make test` has seen the same code with 2 GiB by CDI; CROFT_BENCH_UPLOAD says how many MiB.
//
//	CROFT_BENCH_UPLOAD=2048 go test ./test/bench -run TestBackedIsFlat -v
func TestBackedIsFlat(t *testing.T) {
	bytes := int64(size("CROFT_BENCH_UPLOAD", 256)) << 20
	u := newUpload(t)
	keeper := u.longhorn(t)
	backed := func(spec *harvesterv1.VirtualMachineImageSpec) {
		spec.Backend, spec.TargetStorageClassName = harvesterv1.ImageBackendBackingImage, "longhorn"
	}
	u.send(t, "first", 1<<20, backed)
	t.Run("Upload", func(t *testing.T) {
		u.flat(t, bytes, func() { u.send(t, "large", bytes, backed) })
		if got := keeper.size.Load(); got < bytes || got > bytes+1<<10 {
			t.Errorf("Longhorn got a form of %d bytes, and the file has %d", got, bytes)
		}
	})
	keeper.size.Store(bytes)
	u.ready(t, "large")
	t.Run("Download", func(t *testing.T) {
		u.flat(t, bytes, func() { u.fetched(t, "large", "", bytes) })
	})
	t.Run("QCOW2", func(t *testing.T) {
		ordered := &harvesterv1.VirtualMachineImageDownloader{
			ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "large"},
			Spec:       harvesterv1.VirtualMachineImageDownloaderSpec{ImageName: "large"},
		}
		if err := u.api.Create(t.Context(), ordered); err != nil {
			t.Fatal(err)
		}
		u.flat(t, bytes, func() { u.fetched(t, "large", "QFI\xfb", bytes) })
	})
}

// ready waits until an image has its bytes.
func (u *uploads) ready(t *testing.T, name string) {
	t.Helper()
	image := &harvesterv1.VirtualMachineImage{}
	for deadline := time.Now().Add(time.Minute); !image.Ready(); time.Sleep(100 * time.Millisecond) {
		if err := u.api.Get(t.Context(), client.ObjectKey{Namespace: "default", Name: name}, image); err != nil {
			t.Fatal(err)
		}
		if time.Now().After(deadline) {
			t.Fatalf("image %s is not ready: %+v", name, image.Status)
		}
	}
}

// fetched downloads an image of so many bytes at least, which begins in a certain way: a qcow2 file of random bytes is longer
// than they are.
func (u *uploads) fetched(t *testing.T, name, begins string, bytes int64) {
	t.Helper()
	response := u.open(t, http.MethodGet, "harvesterhci.io.virtualmachineimages/default/"+name+"/download", "", http.NoBody)
	defer response.Body.Close()
	head := make([]byte, len(begins))
	if _, err := io.ReadFull(response.Body, head); err != nil || string(head) != begins {
		t.Errorf("the file begins with %q: %v", head, err)
	}
	got, err := io.Copy(io.Discard, response.Body)
	got += int64(len(head))
	if err != nil || got < bytes || got != response.ContentLength || response.StatusCode != http.StatusOK {
		t.Errorf("%s: %d of %d bytes came: %v", response.Status, got, response.ContentLength, err)
	}
}

// keeper stands in for Longhorn's manager.
type keeper struct {
	uploads *uploads
	noise   *noise
	// size is how many bytes were sent last, and how many are given.
	size atomic.Int64
}

// longhorn stands in for Longhorn's manager: it takes every byte and throws it away, and gives as many of its own.
func (u *uploads) longhorn(t *testing.T) *keeper {
	t.Helper()
	k := &keeper{uploads: u, noise: newNoise(t)}
	server := httptest.NewServer(k)
	t.Cleanup(server.Close)
	written := &corev1.ConfigMap{}
	key := client.ObjectKey{Namespace: harvesterv1.SystemNamespace, Name: proxy.ConfigMap}
	if err := u.api.Get(t.Context(), key, written); err != nil {
		t.Fatal(err)
	}
	written.Data["longhorn"] = server.URL
	if err := u.api.Update(t.Context(), written); err != nil {
		t.Fatal(err)
	}
	for _, object := range []client.Object{
		&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: longhorn.Namespace}},
		&storagev1.StorageClass{ObjectMeta: metav1.ObjectMeta{Name: "longhorn"}, Provisioner: longhorn.Driver},
	} {
		if err := u.api.Create(t.Context(), object); err != nil {
			t.Fatal(err)
		}
	}
	return k
}

// waiting says of every backing image that it waits for its bytes.
type waiting struct {
	client.Client
}

// Reconcile says so of one backing image.
func (w waiting) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	image := &longhorn.BackingImage{}
	if err := w.Get(ctx, request.NamespacedName, image); err != nil || len(image.Status.DiskFileStatusMap) > 0 {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	image.Status.DiskFileStatusMap = map[string]*longhorn.BackingImageCopy{"disk-1": {State: longhorn.CopyPending}}
	return ctrl.Result{}, w.Status().Update(ctx, image)
}

// ServeHTTP takes the bytes of a backing image, or gives them.
func (k *keeper) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name, _, _ := strings.Cut(strings.TrimPrefix(r.URL.Path, "/v1/backingimages/"), "/")
	if r.Method == http.MethodGet {
		w.Header().Set("Content-Length", strconv.FormatInt(k.size.Load(), 10))
		_, _ = io.Copy(w, io.LimitReader(&noise{block: k.noise.block}, k.size.Load())) // a client that is gone wants no more
		return
	}
	n, err := io.Copy(io.Discard, r.Body)
	if err == nil {
		k.size.Store(n)
		err = k.ready(r.Context(), name, r.URL.Query().Get("size"))
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
	}
}

// ready says of a backing image that it is there.
func (k *keeper) ready(ctx context.Context, name, size string) error {
	image := &longhorn.BackingImage{}
	if err := k.uploads.api.Get(ctx, client.ObjectKey{Namespace: longhorn.Namespace, Name: name}, image); err != nil {
		return err
	}
	bytes, err := strconv.ParseInt(size, 10, 64)
	if err != nil {
		return err
	}
	image.Status.Size, image.Status.VirtualSize = bytes, bytes
	image.Status.DiskFileStatusMap = map[string]*longhorn.BackingImageCopy{"disk-1": {State: longhorn.CopyReady, Progress: 100}}
	return k.uploads.api.Status().Update(ctx, image)
}
