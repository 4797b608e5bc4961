package upload_test

import (
	"context"
	"crypto/sha512"
	"encoding/hex"
	"encoding/pem"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"testing/iotest"

	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/rest"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/backend/capability"
	"crofthci.io/croft/backend/image/fill"
	"crofthci.io/croft/backend/image/proxy"
	"crofthci.io/croft/backend/image/source"
	"crofthci.io/croft/backend/image/upload"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/cdi"
	"crofthci.io/croft/test/manager"
)

var api *rest.Config

func TestMain(m *testing.M) {
	os.Exit(manager.Main(m, &api, manager.Open(cdi.DataVolumeKind, false), manager.Open(cdi.UploadTokenRequestKind, false)))
}

// site is an API server with the controller of images, and a stand-in for CDI: it says that volumes are ready, and takes
// their bytes.
type site struct {
	*manager.Cluster
	*receiver
}

// receiver is CDI's upload proxy.
type receiver struct {
	// taken is what it got last as a whole, a string.
	taken atomic.Value
	// refuses is what it answers, 0 for yes.
	refuses atomic.Int64
}

func newSite(t *testing.T) *site {
	t.Helper()
	s := &site{receiver: &receiver{}}
	s.Cluster = manager.Start(t, api, manager.Options{
		Kinds: runtime.SchemeBuilder{harvesterv1.AddToScheme, cdi.AddToScheme},
		SetUp: func(to ctrl.Manager) error {
			if err := fill.New(to, fill.Options{FallbackSize: resource.MustParse("1Gi")}).SetUp(to); err != nil {
				return err
			}
			return ctrl.NewControllerManagedBy(to).Named("cdi").For(&cdi.DataVolume{}).Complete(volumes{to.GetClient()})
		},
	})
	s.Make(&storagev1.StorageClass{
		ObjectMeta:  metav1.ObjectMeta{Name: "fast", Annotations: map[string]string{harvesterv1.AnnotationDefaultClass: "true"}},
		Provisioner: "csi.example.org",
	})
	server := httptest.NewUnstartedServer(http.HandlerFunc(s.take))
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	// It outlives the test: nobody here finishes the removal of a namespace.
	err := s.Create(t.Context(), &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: harvesterv1.SystemNamespace}})
	if err != nil && !apierrors.IsAlreadyExists(err) {
		t.Fatal(err)
	}
	s.Make(&corev1.ConfigMap{
		ObjectMeta: metav1.ObjectMeta{Namespace: harvesterv1.SystemNamespace, Name: proxy.ConfigMap},
		Data: map[string]string{"url": server.URL, "ca.crt": string(pem.EncodeToMemory(
			&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw}))},
	})
	return s
}

// take takes an upload.
func (s *receiver) take(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	if code := s.refuses.Load(); code != 0 {
		http.Error(w, "Saving stream failed: it does not fit", int(code))
		return
	}
	s.taken.Store(string(body))
}

// volumes say that they are ready to be filled as soon as they are there.
type volumes struct {
	client.Client
}

// Reconcile says so of one volume.
func (v volumes) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	volume := &cdi.DataVolume{}
	if err := v.Get(ctx, request.NamespacedName, volume); err != nil || volume.Status.Phase != "" {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	volume.Status.Phase = "UploadReady"
	return ctrl.Result{}, v.Update(ctx, volume)
}

func (s *site) image(name, checksum string) *harvesterv1.VirtualMachineImage {
	image := &harvesterv1.VirtualMachineImage{
		ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: name},
		Spec: harvesterv1.VirtualMachineImageSpec{
			DisplayName: name, SourceType: harvesterv1.ImageSourceUpload, Checksum: checksum,
		},
	}
	s.RemoveLater(&cdi.DataVolume{ObjectMeta: metav1.ObjectMeta{Namespace: image.Namespace, Name: image.Name}})
	s.Make(image)
	return image
}

// form is a file as a browser sends it.
func form(content io.Reader) (kind string, body io.Reader) {
	const head = "--edge\r\nContent-Disposition: form-data; name=\"chunk\"; filename=\"disk\"\r\n\r\n"
	return "multipart/form-data; boundary=edge", io.MultiReader(strings.NewReader(head), content, strings.NewReader("\r\n--edge--\r\n"))
}

func (s *site) send(image *harvesterv1.VirtualMachineImage, size string, content io.Reader) error {
	kind, body := form(content)
	// CDI keeps no token; what stands in for its API server here does.
	asked := &cdi.UploadTokenRequest{ObjectMeta: metav1.ObjectMeta{Namespace: image.Namespace, Name: image.Name}}
	defer func() { _ = s.Delete(context.Background(), asked) }()
	return upload.Receive(s.T.Context(), capability.Caller{Client: s.Client}, image, capability.Body{
		Options: capability.Options{"size": {size}}, ContentType: kind, Length: -1, Reader: body,
	})
}

func TestReceive(t *testing.T) {
	s := newSite(t)
	sum := sha512.Sum512([]byte("bytes"))
	cases := map[string]struct {
		reason   string
		checksum string
		size     string
		content  io.Reader
		refuses  int64
		says     string
		field    string
		code     int32
	}{
		"whole":    {reason: "what is sent is what CDI gets", size: "5", content: strings.NewReader("bytes")},
		"summed":   {reason: "a checksum holds for an upload as well", checksum: hex.EncodeToString(sum[:]), size: "5", content: strings.NewReader("bytes")},
		"forged":   {reason: "another file is not taken", checksum: hex.EncodeToString(sum[:]), size: "5", content: strings.NewReader("bites"), says: "the image's checksum is", field: "chunk"},
		"short":    {reason: "a file that ends early is not taken", size: "9", content: strings.NewReader("bytes"), says: "The file has 5 bytes, and size says 9.", field: "size"},
		"long":     {reason: "nor one that goes on", size: "3", content: strings.NewReader("bytes"), says: "more than the 3 bytes", field: "size"},
		"broken":   {reason: "nor one whose sender goes away", size: "200000", content: io.MultiReader(strings.NewReader(strings.Repeat("x", 100000)), iotest.ErrReader(errors.New("gone"))), says: "the upload broke off after", code: http.StatusBadRequest},
		"unsuited": {reason: "CDI's own words are told, as the client's to act on", size: "5", content: strings.NewReader("bytes"), refuses: http.StatusBadRequest, says: "it does not fit", field: "chunk"},
		"busy":     {reason: "and as nobody's fault when they are not", size: "5", content: strings.NewReader("bytes"), refuses: http.StatusBadGateway, says: "it does not fit", code: http.StatusServiceUnavailable},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			part := &site{s.For(t), s.receiver}
			image := part.image(name, tc.checksum)
			part.refuses.Store(tc.refuses)
			part.taken.Store("")
			err := part.send(image, tc.size, tc.content)
			if tc.says == "" {
				if err != nil || part.taken.Load() != "bytes" {
					t.Errorf("%s: %v, CDI got %q", tc.reason, err, part.taken.Load())
				}
				return
			}
			requireRefusal(t, tc.reason, err, tc.says, tc.field, tc.code)
			if tc.refuses == 0 && part.taken.Load() != "" {
				t.Errorf("%s: CDI got %q for a whole", tc.reason, part.taken.Load())
			}
			manager.Until(part.Cluster, image, "say that the upload failed", func(i *harvesterv1.VirtualMachineImage) bool {
				imported := harvesterv1.ConditionOf(i.Status.Conditions, harvesterv1.ImageImported)
				return i.Status.Failed == 1 && imported.Reason == fill.ReasonUploadFailed && strings.Contains(imported.Message, tc.says)
			})
			manager.UntilGone(part.Cluster, &cdi.DataVolume{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: name}})
			part.refuses.Store(0)
			if err := part.send(image, "5", strings.NewReader("again")); tc.checksum == "" && (err != nil || part.taken.Load() != "again") {
				t.Errorf("what failed can be tried again: %v, CDI got %q", err, part.taken.Load())
			}
		})
	}
}

func requireRefusal(t *testing.T, reason string, err error, says, field string, code int32) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), says) {
		t.Errorf("%s: want %q, got %v", reason, says, err)
	}
	var input *capability.InputError
	if errors.As(err, &input); field != "" && (input == nil || input.Field != field) {
		t.Errorf("%s: want field %s named, got %v", reason, field, err)
	}
	var status apierrors.APIStatus
	if errors.As(err, &status); code != 0 && (status == nil || status.Status().Code != code) {
		t.Errorf("%s: want code %d, got %v", reason, code, err)
	}
}

// TestOneAtATime holds that nobody's upload is mixed with another's, and that an image which is refused its volume says so.
func TestOneAtATime(t *testing.T) {
	s := newSite(t)
	image := s.image("twice", "")
	slow, feed := io.Pipe()
	first := make(chan error, 1)
	whole := strings.Repeat("x", 2*source.HeadBytes)
	go func() { first <- s.send(image, strconv.Itoa(len(whole)), slow) }()
	if _, err := io.WriteString(feed, whole[1:]); err != nil {
		t.Fatal(err)
	}
	manager.Until(s.Cluster, image, "be under way", func(i *harvesterv1.VirtualMachineImage) bool {
		_, begun := upload.Of(i)
		return begun
	})
	err := s.send(image, "5", strings.NewReader("other"))
	requireRefusal(t, "one at a time", err, "An upload of this image is under way.", "", http.StatusConflict)
	if _, err := io.WriteString(feed, whole[:1]); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(feed.Close(), <-first); err != nil || s.taken.Load() != whole {
		t.Errorf("the first upload goes on: %v", err)
	}

	homeless := s.image("homeless", "")
	manager.Change(s.Cluster, homeless, func(i *harvesterv1.VirtualMachineImage) {
		i.Annotations = map[string]string{harvesterv1.AnnotationStorageClassName: "gold"}
	})
	err = s.send(homeless, "5", strings.NewReader("bytes"))
	requireRefusal(t, "what is in the way is named", err, `storage class "gold" does not exist`, "", http.StatusConflict)
}
