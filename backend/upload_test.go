package main

import (
	"bytes"
	"context"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	apimeta "k8s.io/apimachinery/pkg/runtime"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/backend/image/fill"
	"crofthci.io/croft/backend/image/proxy"
	"crofthci.io/croft/backend/image/upload"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/cdi"
	"crofthci.io/croft/test/manager"
)

const images = "/v1/harvester/harvesterhci.io.virtualmachineimages/default/"

// receiving is what takes uploads beside the server: the controller of images, and a stand-in for CDI.
type receiving struct {
	*manager.Cluster

	// open are the connections to CDI's upload proxy, got the bytes that it has of the upload under way.
	open, got atomic.Int64
	// taken is the last file that the proxy got as a whole, a string.
	taken atomic.Value
	// hesitant says that the proxy does not answer once it has a file.
	hesitant atomic.Bool
	// ahead is by how much the controller's clock is, in nanoseconds.
	ahead atomic.Int64
}

func receive(t *testing.T) *receiving {
	t.Helper()
	config, err := site.cluster.Config()
	if err != nil {
		t.Fatal(err)
	}
	r := &receiving{}
	r.Cluster = manager.Start(t, config, manager.Options{
		Kinds: apimeta.SchemeBuilder{harvesterv1.AddToScheme, cdi.AddToScheme},
		SetUp: func(to ctrl.Manager) error {
			images := fill.New(to, fill.Options{FallbackSize: resource.MustParse("64Mi")})
			images.Now = func() time.Time { return time.Now().Add(time.Duration(r.ahead.Load())) }
			if err := images.SetUp(to); err != nil {
				return err
			}
			return ctrl.NewControllerManagedBy(to).Named("cdi").For(&cdi.DataVolume{}).Complete(willing{to.GetClient()})
		},
	})
	r.Make(&storagev1.StorageClass{ObjectMeta: metav1.ObjectMeta{Name: "taking"}, Provisioner: csiDriver})
	server := httptest.NewUnstartedServer(http.HandlerFunc(r.take))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.Config.ConnState = counting(&r.open)
	server.StartTLS()
	t.Cleanup(server.Close)
	stay(t, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: harvesterv1.SystemNamespace}})
	r.Make(&corev1.ConfigMap{
		ObjectMeta: metav1.ObjectMeta{Namespace: harvesterv1.SystemNamespace, Name: proxy.ConfigMap},
		Data: map[string]string{"url": server.URL, "ca.crt": string(pem.EncodeToMemory(
			&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}))},
	})
	return r
}

// counting counts the connections of a server that are open.
func counting(open *atomic.Int64) func(net.Conn, http.ConnState) {
	return func(_ net.Conn, state http.ConnState) {
		switch state {
		case http.StateNew:
			open.Add(1)
		case http.StateClosed:
			open.Add(-1)
		case http.StateActive, http.StateIdle, http.StateHijacked:
		}
	}
}

// willing is CDI as far as a volume is concerned: every one is ready to be filled as soon as it is there.
type willing struct {
	client.Client
}

// Reconcile says so of one volume.
func (w willing) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	volume := &cdi.DataVolume{}
	if err := w.Get(ctx, request.NamespacedName, volume); err != nil || volume.Status.Phase != "" {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	volume.Status.Phase = "UploadReady"
	return ctrl.Result{}, w.Update(ctx, volume)
}

// take is CDI's upload proxy.
func (r *receiving) take(_ http.ResponseWriter, req *http.Request) {
	// CDI keeps no request for a token; what stands in for its API server here does.
	_ = r.DeleteAllOf(req.Context(), &cdi.UploadTokenRequest{}, client.InNamespace(home))
	r.got.Store(0)
	var file bytes.Buffer
	if _, err := io.Copy(io.MultiWriter(&file, counter{&r.got}), req.Body); err != nil {
		return
	}
	if r.hesitant.Load() {
		<-req.Context().Done()
		return
	}
	r.taken.Store(file.String())
}

// counter counts what is written to it.
type counter struct{ of *atomic.Int64 }

// Write counts.
func (c counter) Write(p []byte) (int, error) {
	c.of.Add(int64(len(p)))
	return len(p), nil
}

// image is one that waits for its bytes.
func (r *receiving) image(t *testing.T, name string) *harvesterv1.VirtualMachineImage {
	t.Helper()
	image := &harvesterv1.VirtualMachineImage{
		ObjectMeta: metav1.ObjectMeta{Namespace: home, Name: name},
		Spec: harvesterv1.VirtualMachineImageSpec{
			DisplayName: name, SourceType: harvesterv1.ImageSourceUpload, TargetStorageClassName: "taking",
		},
	}
	r.For(t).RemoveLater(&cdi.DataVolume{ObjectMeta: image.ObjectMeta})
	r.For(t).Make(image)
	return image
}

// payload is a file that no buffer on its way holds.
var payload = strings.Repeat("0123456789abcdef", 1<<20)

// sender is a client in the middle of an upload.
type sender struct {
	// feed is written what is to be sent, leave has the client hang up, and answered is what it was answered.
	feed     *io.PipeWriter
	leave    context.CancelFunc
	answered chan error
}

// send begins to send a file to a server as an administrator.
func send(t *testing.T, by *http.Client, server, image string) sender {
	t.Helper()
	body, feed := io.Pipe()
	ctx, leave := context.WithCancel(t.Context())
	t.Cleanup(leave)
	path := fmt.Sprintf("%s%s%s?action=upload&size=%d", server, images, image, len(payload))
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, path, body)
	if err != nil {
		t.Fatal(err)
	}
	req.ContentLength = int64(len(payload))
	req.Header.Set("Authorization", "Bearer "+site.tokens[admin])
	req.Header.Set("Content-Type", "application/octet-stream")
	s := sender{feed: feed, leave: leave, answered: make(chan error, 1)}
	go func() {
		response, err := by.Do(req)
		if err == nil {
			defer response.Body.Close()
			if text, _ := io.ReadAll(response.Body); response.StatusCode != http.StatusNoContent {
				err = fmt.Errorf("%s: %s", response.Status, text)
			}
		}
		_ = body.CloseWithError(io.ErrClosedPipe)
		s.answered <- err
	}()
	return s
}

// sends sends the beginning of the file, or all of it.
func (s sender) sends(t *testing.T, part string) {
	t.Helper()
	if _, err := io.WriteString(s.feed, part); err != nil {
		t.Fatalf("the upload ended early: %v: %v", err, <-s.answered)
	}
	if len(part) == len(payload) {
		_ = s.feed.Close() // of a pipe, it cannot fail
	}
}

// busy are the goroutines of this process that are at work in a package, with their stacks.
func busy(packages ...string) []string {
	stacks := make([]byte, 16<<20)
	stacks = stacks[:runtime.Stack(stacks, true)]
	var found []string
	for stack := range strings.SplitSeq(string(stacks), "\n\n") {
		for _, name := range packages {
			if strings.Contains(stack, "crofthci.io/croft/"+name+".") {
				found = append(found, stack)
				break
			}
		}
	}
	return found
}

// requireForgotten holds that nothing is left of an upload, and that the image says why.
func (r *receiving) requireForgotten(t *testing.T, image *harvesterv1.VirtualMachineImage, says string) {
	t.Helper()
	eventually(t, "nobody is at work on the upload", func() bool { return len(busy("backend/image/upload", "pkg/cdi")) == 0 })
	if t.Failed() {
		t.Fatal(strings.Join(busy("backend/image/upload", "pkg/cdi"), "\n\n"))
	}
	eventually(t, "CDI's upload proxy is hung up", func() bool { return r.open.Load() == 0 })
	manager.Until(r.For(t), image, "say that the upload failed", func(i *harvesterv1.VirtualMachineImage) bool {
		imported := harvesterv1.ConditionOf(i.Status.Conditions, harvesterv1.ImageImported)
		return i.Status.Failed == 1 && imported.Reason == fill.ReasonUploadFailed && strings.Contains(imported.Message, says)
	})
	volume := &cdi.DataVolume{ObjectMeta: image.ObjectMeta}
	eventually(t, "no half image is left", func() bool {
		return apierrors.IsNotFound(site.admin.Get(t.Context(), client.ObjectKeyFromObject(image), volume))
	})
}

// TestLeftUpload leaves in the middle of uploads.
func TestLeftUpload(t *testing.T) {
	r := receive(t)
	cases := map[string]struct {
		reason string
		bytes  string
		// come is how many of them are waited for to come to CDI, which does not answer when it holds.
		come int64
		hold bool
		says string
	}{
		"half":     {"a client that leaves half way takes everything with it", payload[:len(payload)/2], 1, false, "the upload broke off after"},
		"complete": {"so does one that does not wait until CDI has filled the volume", payload, int64(len(payload)), true, "the client went away"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			image := r.image(t, "left-"+name)
			r.hesitant.Store(tc.hold)
			s := send(t, site.api.Client(), site.api.URL, image.Name)
			s.sends(t, tc.bytes)
			eventually(t, "the bytes come to CDI", func() bool { return r.got.Load() >= tc.come })
			if len(busy("backend/image/upload")) == 0 || r.open.Load() == 0 {
				t.Fatal("what is looked for below is there meanwhile")
			}
			s.leave()
			r.requireForgotten(t, image, tc.says)
			r.hesitant.Store(false)
			r.arrives(t, image)
		})
	}
}

// arrives holds that the image can be uploaded again.
func (r *receiving) arrives(t *testing.T, image *harvesterv1.VirtualMachineImage) {
	t.Helper()
	again := send(t, site.api.Client(), site.api.URL, image.Name)
	again.sends(t, payload)
	if err := <-again.answered; err != nil || r.taken.Load() != payload {
		t.Errorf("what broke off can be sent again: %v", err)
	}
	if attempt, _ := upload.Of(read(t, image)); attempt.State != upload.Sent {
		t.Errorf("the image knows that it was sent: %+v", attempt)
	}
}
