package bench

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/tls"
	"encoding/pem"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-logr/logr"
	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/config"
	"sigs.k8s.io/controller-runtime/pkg/envtest"
	"sigs.k8s.io/controller-runtime/pkg/metrics/server"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"

	imagefill "crofthci.io/croft/backend/image/fill"
	"crofthci.io/croft/backend/image/proxy"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/cdi"
	"crofthci.io/croft/pkg/kubevirt"
	"crofthci.io/croft/pkg/longhorn"
	"crofthci.io/croft/test/controlplane"
	"crofthci.io/croft/test/manager"
)

// mostGrowth is how much memory a server may come to need while an image of any size goes through it.
const mostGrowth = 64 << 20

// TestUploadIsFlat sends an image of 2 GiB (CROFT_BENCH_UPLOAD says how many MiB) through croft-backend serve, as it is
// shipped and in a process of its own, and holds that its memory stays as it was. The bytes are made as they are sent and
// thrown away where CDI would keep them.
//
//	go test ./test/bench -run TestUploadIsFlat -v
func TestUploadIsFlat(t *testing.T) {
	bytes := int64(size("CROFT_BENCH_UPLOAD", 2048)) << 20
	u := newUpload(t)
	u.send(t, "first", 1<<20) // what a server needs once, it needs for the first upload
	u.flat(t, bytes, func() { u.send(t, "large", bytes) })
	if u.taken.Load() != bytes {
		t.Errorf("CDI got %d of %d bytes", u.taken.Load(), bytes)
	}
}

// TestDownloadIsFlat fetches an image of as many bytes through the same program.
//
//	go test ./test/bench -run TestDownloadIsFlat -v
func TestDownloadIsFlat(t *testing.T) {
	bytes := int64(size("CROFT_BENCH_UPLOAD", 2048)) << 20
	u := newUpload(t)
	u.offer(t, bytes)
	u.flat(t, bytes, func() {
		response := u.open(t, http.MethodGet, "harvesterhci.io.virtualmachineimages/default/offered/download", "", http.NoBody)
		defer response.Body.Close()
		got, err := io.Copy(io.Discard, response.Body)
		if err != nil || got != bytes || response.StatusCode != http.StatusOK {
			t.Errorf("%s: %d of %d bytes came: %v", response.Status, got, bytes, err)
		}
	})
}

// flat holds that the server's memory stays as it is while something is done.
func (u *uploads) flat(t *testing.T, bytes int64, do func()) {
	t.Helper()
	before := memoryOf(t, u.pid, "VmRSS")
	curve, stop := sample(t, u.pid)
	began := time.Now()
	do()
	took := time.Since(began)
	stop()
	most := int64(0)
	for _, at := range *curve {
		most = max(most, at)
	}
	t.Logf("%d MiB in %.1f s (%.0f MiB/s); resident memory %d MiB before, %d at most, in %d samples: %s",
		bytes>>20, took.Seconds(), float64(bytes>>20)/took.Seconds(), before>>20, most>>20, len(*curve), drawn(*curve))
	if most > before+mostGrowth {
		t.Errorf("an image must not be held in memory: %d MiB more than before", (most-before)>>20)
	}
}

// uploads are a server, an API server behind it, and what stands in for CDI.
type uploads struct {
	api   client.Client
	url   string
	token string
	http  *http.Client
	pid   int
	taken atomic.Int64
	// authority signs for the pod that offers exports.
	authority string
}

func newUpload(t *testing.T) *uploads {
	t.Helper()
	ctrl.SetLogger(logr.Discard())
	api := controlplane.ForTest(t)
	kinds := runtime.NewScheme()
	known := runtime.SchemeBuilder{clientgoscheme.AddToScheme, harvesterv1.AddToScheme, cdi.AddToScheme, kubevirt.AddToScheme, longhorn.AddToScheme}
	if err := known.AddToScheme(kinds); err != nil {
		t.Fatal(err)
	}
	root, err := manager.Root()
	if err != nil {
		t.Fatal(err)
	}
	charts := []string{filepath.Join(root, "charts", "croft-crd", "templates")}
	backingImages, err := controlplane.Longhorn(longhorn.BackingImages.Resource)
	if err != nil {
		t.Fatal(err)
	}
	foreign := []*apiextensionsv1.CustomResourceDefinition{
		manager.Open(cdi.DataVolumeKind, false), manager.Open(cdi.UploadTokenRequestKind, false),
		manager.Open(kubevirt.ExportKind, false), backingImages,
	}
	if _, err := envtest.InstallCRDs(api, envtest.CRDInstallOptions{Paths: charts, CRDs: foreign}); err != nil {
		t.Fatal(err)
	}
	u := &uploads{token: api.BearerToken}
	if u.api, err = client.New(api, client.Options{Scheme: kinds}); err != nil {
		t.Fatal(err)
	}
	u.manage(t, api, kinds)
	u.stand(t)
	u.serve(t, root, api)
	return u
}

// manage runs the controller that makes the volumes, and one that says for CDI that they may be filled.
func (u *uploads) manage(t *testing.T, api *rest.Config, kinds *runtime.Scheme) {
	t.Helper()
	to, err := ctrl.NewManager(api, ctrl.Options{
		Scheme: kinds, Metrics: server.Options{BindAddress: "0"},
		Controller: config.Controller{SkipNameValidation: new(true)}, // each test has the same controllers
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := imagefill.New(to, imagefill.Options{FallbackSize: resource.MustParse("1Gi")}).SetUp(to); err != nil {
		t.Fatal(err)
	}
	if err := ctrl.NewControllerManagedBy(to).Named("kubevirt").For(&kubevirt.Export{}).Complete(offering{to.GetClient(), u}); err != nil {
		t.Fatal(err)
	}
	if err := ctrl.NewControllerManagedBy(to).Named("cdi").For(&cdi.DataVolume{}).Complete(willing{to.GetClient()}); err != nil {
		t.Fatal(err)
	}
	if err := ctrl.NewControllerManagedBy(to).Named("longhorn").For(&longhorn.BackingImage{}).Complete(waiting{to.GetClient()}); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- to.Start(ctx) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
}

// willing says of every volume that it takes bytes.
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

// stand takes what CDI's upload proxy would take.
func (u *uploads) stand(t *testing.T) {
	t.Helper()
	to := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n, err := io.Copy(io.Discard, r.Body)
		u.taken.Store(n)
		if err != nil {
			w.WriteHeader(http.StatusInternalServerError)
		}
	}))
	t.Cleanup(to.Close)
	authority := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: to.Certificate().Raw})
	for _, object := range []client.Object{
		&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: harvesterv1.SystemNamespace}},
		&corev1.ConfigMap{
			ObjectMeta: metav1.ObjectMeta{Namespace: harvesterv1.SystemNamespace, Name: proxy.ConfigMap},
			Data:       map[string]string{"url": to.URL, "ca.crt": string(authority)},
		},
		&storagev1.StorageClass{
			ObjectMeta:  metav1.ObjectMeta{Name: "fast", Annotations: map[string]string{harvesterv1.AnnotationDefaultClass: "true"}},
			Provisioner: "csi.example.org",
		},
	} {
		if err := u.api.Create(t.Context(), object); err != nil {
			t.Fatal(err)
		}
	}
}

// serve runs croft-backend serve.
func (u *uploads) serve(t *testing.T, root string, api *rest.Config) {
	t.Helper()
	dir := t.TempDir()
	program := filepath.Join(dir, "croft-backend")
	build := exec.Command("go", "build", "-o", program, "./backend")
	build.Dir = root
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build croft-backend: %v\n%s", err, out)
	}
	kubeconfig := filepath.Join(dir, "kubeconfig")
	if err := clientcmd.WriteToFile(kubeconfigOf(api), kubeconfig); err != nil {
		t.Fatal(err)
	}
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := free.Addr().String()
	if err := free.Close(); err != nil { // the program wants the port, not the listener
		t.Fatal(err)
	}
	command := exec.Command(program, "serve", "--kubeconfig="+kubeconfig, "--listen="+address, "--data-dir="+dir, "--no-tunnels")
	var said bytes.Buffer
	command.Stderr = &said
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = command.Process.Kill()
		_ = command.Wait()
		if t.Failed() {
			t.Logf("croft-backend serve said:\n%s", said.String())
		}
	})
	u.pid, u.url = command.Process.Pid, "https://"+address
	u.http = &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{
		InsecureSkipVerify: true, //nolint:gosec // the server has made its own certificate a moment ago
		MinVersion:         tls.VersionTLS12,
	}}}
	u.await(t)
}

// await waits until the server has the kind of images.
func (u *uploads) await(t *testing.T) {
	t.Helper()
	for deadline := time.Now().Add(2 * time.Minute); ; time.Sleep(200 * time.Millisecond) {
		code, answer := u.ask(t, http.MethodGet, "harvesterhci.io.virtualmachineimages/default", "", http.NoBody)
		if code == http.StatusOK {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("croft-backend serves no images: %d %s", code, answer)
		}
	}
}

// ask asks the server, and answers the status code and the body.
func (u *uploads) ask(t *testing.T, method, path, kind string, body io.Reader) (int, string) {
	t.Helper()
	response := u.open(t, method, path, kind, body)
	if response == nil {
		return 0, "the server does not answer"
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		return 0, err.Error()
	}
	return response.StatusCode, string(answer)
}

// open asks the server, nil when it does not answer.
func (u *uploads) open(t *testing.T, method, path, kind string, body io.Reader) *http.Response {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, u.url+"/v1/harvester/"+path, body)
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+u.token)
	request.Header.Set("Content-Type", kind)
	response, err := u.http.Do(request)
	if err != nil {
		return nil // it has just been started
	}
	return response
}

// send makes an image and sends its bytes, as a browser would.
func (u *uploads) send(t *testing.T, name string, size int64, changes ...func(*harvesterv1.VirtualMachineImageSpec)) {
	t.Helper()
	image := &harvesterv1.VirtualMachineImage{
		ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: name},
		Spec:       harvesterv1.VirtualMachineImageSpec{DisplayName: name, SourceType: harvesterv1.ImageSourceUpload},
	}
	for _, change := range changes {
		change(&image.Spec)
	}
	if err := u.api.Create(t.Context(), image); err != nil {
		t.Fatal(err)
	}
	const head = "--edge\r\nContent-Disposition: form-data; name=\"chunk\"; filename=\"disk\"\r\n\r\n"
	form := io.MultiReader(strings.NewReader(head), io.LimitReader(newNoise(t), size), strings.NewReader("\r\n--edge--\r\n"))
	path := fmt.Sprintf("harvesterhci.io.virtualmachineimages/default/%s?action=upload&size=%d", name, size)
	code, answer := u.ask(t, http.MethodPost, path, "multipart/form-data; boundary=edge", form)
	if code != http.StatusNoContent {
		t.Fatalf("upload %s: %d %s", name, code, answer)
	}
}

// noise is the same mebibyte of random bytes again and again.
type noise struct {
	block []byte
	at    int
}

func newNoise(t *testing.T) *noise {
	t.Helper()
	n := &noise{block: make([]byte, 1<<20)}
	if _, err := rand.Read(n.block); err != nil {
		t.Fatal(err)
	}
	return n
}

// Read never ends.
func (n *noise) Read(p []byte) (int, error) {
	read := copy(p, n.block[n.at:])
	n.at = (n.at + read) % len(n.block)
	return read, nil
}

// sample reads a process's resident memory until it is told to stop.
func sample(t *testing.T, pid int) (curve *[]int64, stop func()) {
	t.Helper()
	const often = 100 * time.Millisecond
	curve = &[]int64{}
	ended, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		ticker := time.NewTicker(often)
		defer ticker.Stop()
		for {
			*curve = append(*curve, memoryOf(t, pid, "VmRSS"))
			select {
			case <-ended:
				return
			case <-ticker.C:
			}
		}
	}()
	return curve, func() { close(ended); <-done }
}

// memoryOf is a figure of /proc/<pid>/status in bytes, 0 when there is none.
func memoryOf(t *testing.T, pid int, field string) int64 {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		t.Error(err)
		return 0
	}
	match := regexp.MustCompile(field + `:\s+(\d+) kB`).FindSubmatch(text)
	if match == nil {
		t.Errorf("no %s in %s", field, text)
		return 0
	}
	kilobytes, err := strconv.ParseInt(string(match[1]), 10, 64)
	if err != nil {
		t.Error(err)
	}
	return kilobytes << 10
}

// drawn is a curve in at most ten numbers of MiB.
func drawn(curve []int64) string {
	const most = 10
	var points []string
	for i := range min(most, len(curve)) {
		points = append(points, strconv.FormatInt(curve[i*len(curve)/min(most, len(curve))]>>20, 10))
	}
	return strings.Join(points, " ")
}

// kubeconfigOf is the way to a cluster as a file has it.
func kubeconfigOf(config *rest.Config) clientcmdapi.Config {
	made := clientcmdapi.NewConfig()
	made.Clusters["c"] = &clientcmdapi.Cluster{Server: config.Host, CertificateAuthorityData: config.CAData, CertificateAuthority: config.CAFile}
	made.AuthInfos["u"] = &clientcmdapi.AuthInfo{Token: config.BearerToken}
	made.Contexts["x"] = &clientcmdapi.Context{Cluster: "c", AuthInfo: "u"}
	made.CurrentContext = "x"
	return *made
}
