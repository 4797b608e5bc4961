package deliver_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"io"
	"log"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/util/cert"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/backend/capability"
	"crofthci.io/croft/backend/image/deliver"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/cdi"
	"crofthci.io/croft/pkg/kubevirt"
	"crofthci.io/croft/test/manager"
)

var api *rest.Config

func TestMain(m *testing.M) {
	os.Exit(manager.Main(m, &api, manager.Open(cdi.DataVolumeKind, false), manager.Open(kubevirt.ExportKind, false)))
}

// Where the pod of every export is, under one certificate, and what it wants to be shown.
const (
	podAddress = "127.83.0.1"
	service    = "virt-export"
	secret     = "export-token"
)

// world speaks for KubeVirt: it offers every export at once.
type world struct {
	client.Client

	authority string
}

// Reconcile offers one export.
func (w world) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	export := &kubevirt.Export{}
	if err := w.Get(ctx, request.NamespacedName, export); err != nil || export.Status != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	pod := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: export.Namespace, Name: "virt-export-" + export.Name,
			Labels: map[string]string{"kubevirt.io.virt-export-service": export.Name},
		},
		Spec: corev1.PodSpec{Containers: []corev1.Container{{Name: "exporter", Image: "exporter"}}},
	}
	if err := w.Create(ctx, pod); client.IgnoreAlreadyExists(err) != nil {
		return ctrl.Result{}, err
	}
	pod.Status.Phase, pod.Status.PodIP = corev1.PodRunning, podAddress
	pod.Status.PodIPs = []corev1.PodIP{{IP: podAddress}}
	if err := w.Status().Update(ctx, pod); err != nil {
		return ctrl.Result{}, err
	}
	return ctrl.Result{}, w.Update(ctx, kubevirt.Offered(export, service, secret, w.authority))
}

// serve is the pod of every export: it gives the disk to who shows the token.
func serve(t *testing.T, disk []byte) (authority string) {
	t.Helper()
	certificate, key, err := cert.GenerateSelfSignedCertKey(service+".default.svc", nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	pair, err := tls.X509KeyPair(certificate, key)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", podAddress+":8443")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{ErrorLog: log.New(io.Discard, "", 0), ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(
		func(w http.ResponseWriter, r *http.Request) {
			if r.Header.Get("x-kubevirt-export-token") != "open sesame" || !strings.HasSuffix(r.URL.Path, "/disk.img") {
				w.WriteHeader(http.StatusUnauthorized)
				return
			}
			http.ServeContent(w, r, "disk.img", time.Time{}, bytes.NewReader(disk))
		})}
	t.Cleanup(func() { _ = server.Close() })
	go func() {
		_ = server.Serve(tls.NewListener(listener, &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}))
	}()
	return string(certificate)
}

func TestDeliver(t *testing.T) {
	disk := make([]byte, 1<<20)
	copy(disk[70000:], "something in the middle of nothing")
	authority := serve(t, disk)
	c := manager.Start(t, api, manager.Options{
		Kinds: runtime.SchemeBuilder{harvesterv1.AddToScheme, cdi.AddToScheme, kubevirt.AddToScheme},
		SetUp: func(to ctrl.Manager) error {
			if err := deliver.New(to).SetUp(to); err != nil {
				return err
			}
			return ctrl.NewControllerManagedBy(to).Named("kubevirt").For(&kubevirt.Export{}).Complete(world{to.GetClient(), authority})
		},
	})
	c.Make(&corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "default"}})
	c.Make(&corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: secret}, StringData: map[string]string{"token": "open sesame"}})
	image := &harvesterv1.VirtualMachineImage{
		ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "debian"},
		Spec:       harvesterv1.VirtualMachineImageSpec{DisplayName: "debian-13", SourceType: harvesterv1.ImageSourceUpload},
	}
	c.Make(image)
	caller := capability.Caller{Client: c.Client}
	if _, err := deliver.Fetch(t.Context(), caller, image); !apierrors.IsConflict(err) {
		t.Errorf("an image without bytes cannot be downloaded: %v", err)
	}
	manager.Report(c, image, func(i *harvesterv1.VirtualMachineImage) {
		i.Status.VirtualSize = int64(len(disk))
		i.Status.Conditions = []harvesterv1.Condition{{Type: harvesterv1.ImageImported, Status: metav1.ConditionTrue}}
	})

	raw, name := fetch(t, caller, image)
	if name != "debian-13.img" || !bytes.Equal(raw, disk) {
		t.Errorf("as stored: %s, %d bytes", name, len(raw))
	}
	exports := &kubevirt.ExportList{}
	if err := c.List(t.Context(), exports); err != nil || len(exports.Items) != 0 {
		t.Errorf("what was ordered for one download goes after it: %v %v", exports.Items, err)
	}

	wants := &harvesterv1.VirtualMachineImageDownloader{
		ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "debian"},
		Spec:       harvesterv1.VirtualMachineImageDownloaderSpec{ImageName: "debian"},
	}
	c.Make(wants)
	manager.Until(c, wants, "be ready", func(d *harvesterv1.VirtualMachineImageDownloader) bool {
		return d.Status.Status == harvesterv1.DownloaderStatusReady
	})
	if wants.Status.DownloadURL != "/v1/harvester/harvesterhci.io.virtualmachineimages/default/debian/download" || len(wants.OwnerReferences) != 1 {
		t.Errorf("a downloader says where, and goes with its image: %+v", wants)
	}
	packed, name := fetch(t, caller, image)
	if name != "debian-13.qcow2" || len(packed) >= len(disk) {
		t.Errorf("packed: %s, %d bytes", name, len(packed))
	}
	sameDisk(t, disk, packed)

	if _, err := deliver.Cancel(t.Context(), caller, image); err != nil {
		t.Error(err)
	}
	manager.UntilGone(c, wants)
}

func fetch(t *testing.T, caller capability.Caller, image *harvesterv1.VirtualMachineImage) (content []byte, name string) {
	t.Helper()
	stream, err := deliver.Fetch(t.Context(), caller, image)
	if err != nil {
		t.Fatal(err)
	}
	content, err = io.ReadAll(stream.Body)
	if err != nil {
		t.Fatal(err)
	}
	if err := stream.Body.Close(); err != nil {
		t.Error(err)
	}
	if stream.Size != int64(len(content)) {
		t.Errorf("%s was said to have %d bytes, and has %d", stream.Name, stream.Size, len(content))
	}
	return content, stream.Name
}

// sameDisk has QEMU compare a disk with what was made of it.
func sameDisk(t *testing.T, disk, packed []byte) {
	t.Helper()
	dir := t.TempDir()
	for name, content := range map[string][]byte{"raw": disk, "qcow2": packed} {
		if err := os.WriteFile(filepath.Join(dir, name), content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	compare := exec.CommandContext(t.Context(), "qemu-img", "compare", "-f", "raw", "-F", "qcow2", "raw", "qcow2")
	compare.Dir = dir
	if out, err := compare.CombinedOutput(); err != nil {
		t.Errorf("QEMU finds another disk: %v\n%s", err, out)
	}
}
