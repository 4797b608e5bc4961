package importer_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"encoding/pem"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	snapshotv1 "github.com/kubernetes-csi/external-snapshotter/client/v8/apis/volumesnapshot/v1"
	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/utils/ptr"
	cdiv1 "kubevirt.io/containerized-data-importer-api/pkg/apis/core/v1beta1"
	uploadv1 "kubevirt.io/containerized-data-importer-api/pkg/apis/upload/v1beta1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/test/site/importer"
	"crofthci.io/croft/test/site/site"
	"crofthci.io/croft/test/site/storage"
	"crofthci.io/croft/test/site/storage/storagetest"
)

const namespace = "default"

// world is a site with the real CDI, and a server that has images.
type world struct {
	*site.Site
	server, secure *httptest.Server
	// raw is what every image holds.
	raw []byte
}

// TestImporter plays CDI's workers under the real CDI controllers.
func TestImporter(t *testing.T) {
	w := &world{raw: make([]byte, 8<<20)}
	for i := range 1 << 20 {
		w.raw[2<<20+i] = byte(rand.Uint32())
	}
	w.serve(t)
	w.Site = storagetest.New(t, []storagetest.Part{storage.Run, importer.Run}, storagetest.WithCDI)
	for _, c := range []struct {
		name, reason string
		test         func(*testing.T, *world)
	}{
		{"Raw", "A raw image lands on the volume.", imports("disk.img", "")},
		{"QCOW2", "A qcow2 image is converted.", imports("disk.qcow2", "")},
		{"Gzip", "A packed image is unpacked.", imports("disk.img.gz", "")},
		{"XZ", "A packed qcow2 image is unpacked and converted.", imports("disk.qcow2.xz", "")},
		{"Redirect", "A redirect is followed.", imports("elsewhere", "")},
		{"Checksum", "The right checksum is of the bytes that are sent.", func(t *testing.T, w *world) {
			sum := sha256.Sum256(w.gzip(t))
			imports("disk.img.gz", "sha256:"+hex.EncodeToString(sum[:]))(t, w)
		}},
		{"WrongChecksum", "A wrong checksum fails for good, and leaves nothing behind.", wrongChecksum},
		{"HTTPS", "A certificate of an authority from a config map is trusted.", https},
		{"NotFound", "A missing image is said so, and tried again.", notFound},
		{"Reset", "A source that hangs up is said so.", troubled("reset", "connection reset by peer")},
		{"NoSpace", "A full volume is said so in CDI's words.", troubled("no-space", "DataVolume too small to contain image")},
		{"TooSmall", "An image larger than its volume is refused.", tooSmall},
		{"Slow", "A slow import shows its progress.", slow},
		{"Blank", "A blank disk is made.", blank},
		{"Clone", "A data volume from another one has its bytes.", clone},
		{"HostCopy", "What the driver may not clone is copied by CDI's workers, with its bytes.", hostCopy},
		{"Upload", "What is uploaded lands on the volume, once and from the proxy only.", upload},
		{"UploadProxy", "A person uploads through CDI's proxy, with a token.", uploadProxy},
		{"UploadTooLarge", "An upload that does not fit is the sender's fault.", uploadTooLarge},
		{"Restore", "A data volume from a snapshot has its bytes.", restore},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			t.Log(c.reason)
			c.test(t, w)
		})
	}
}

// imports checks that an image of the server ends on a larger volume as it is.
func imports(file, checksum string) func(*testing.T, *world) {
	return func(t *testing.T, w *world) {
		volume := w.volume(t, file, "16Mi")
		volume.Spec.Source.HTTP.Checksum = checksum
		w.succeeds(t, volume)
		w.same(t, volume.Name)
	}
}

func wrongChecksum(t *testing.T, w *world) {
	volume := w.volume(t, "disk.img", "16Mi")
	volume.Spec.Source.HTTP.Checksum = "sha256:" + strings.Repeat("0", 64)
	storagetest.Create(t, w.Site, volume)
	failed := storagetest.Until(t, w.Site, volume, func(v *cdiv1.DataVolume) string {
		if v.Status.Phase != cdiv1.Failed {
			return "its phase is " + string(v.Status.Phase)
		}
		return ""
	})
	if got := running(failed); !strings.Contains(got, "checksum mismatch: expected sha256:0000") {
		t.Errorf("the condition says %q", got)
	}
}

func https(t *testing.T, w *world) {
	authority := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: w.secure.Certificate().Raw})
	storagetest.Create(t, w.Site, &corev1.ConfigMap{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "authority"},
		Data:       map[string]string{"ca.pem": string(authority)},
	})
	volume := w.volume(t, "disk.img", "16Mi")
	volume.Spec.Source.HTTP.URL = w.secure.URL + "/disk.img"
	volume.Spec.Source.HTTP.CertConfigMap = "authority"
	w.succeeds(t, volume)
	w.same(t, volume.Name)
}

func notFound(t *testing.T, w *world) {
	volume := w.volume(t, "nothing", "16Mi")
	storagetest.Create(t, w.Site, volume)
	storagetest.Until(t, w.Site, volume, func(v *cdiv1.DataVolume) string {
		if got := running(v); !strings.Contains(got, "expected status code 200, got 404. Status: 404 Not Found") {
			return "its condition Running says " + got
		}
		if v.Status.RestartCount < 1 {
			return "it was not tried again"
		}
		return ""
	})
}

// troubled checks what a data volume says whose import meets a trouble.
func troubled(fault, want string) func(*testing.T, *world) {
	return func(t *testing.T, w *world) {
		volume := w.volume(t, "disk.img", "16Mi")
		w.Faults.Set(site.Fault{Name: importer.FaultImport, Target: namespace + "/" + volume.Name, Value: fault})
		storagetest.Create(t, w.Site, volume)
		storagetest.Until(t, w.Site, volume, func(v *cdiv1.DataVolume) string {
			if got := running(v); !strings.Contains(got, want) {
				return "its condition Running says " + got
			}
			return ""
		})
	}
}

func tooSmall(t *testing.T, w *world) {
	volume := w.volume(t, "disk.qcow2", "4Mi")
	storagetest.Create(t, w.Site, volume)
	storagetest.Until(t, w.Site, volume, func(v *cdiv1.DataVolume) string {
		if got := running(v); !strings.Contains(got, "DataVolume too small to contain image") {
			return "its condition Running says " + got
		}
		return ""
	})
}

func slow(t *testing.T, w *world) {
	volume := w.volume(t, "disk.img", "16Mi")
	volume.Annotations = map[string]string{site.FaultPrefix + importer.FaultImport: "12s"}
	storagetest.Create(t, w.Site, volume)
	storagetest.Until(t, w.Site, volume, func(v *cdiv1.DataVolume) string {
		if p := string(v.Status.Progress); p == "" || p == "N/A" || p == "0.0%" || p == "100.0%" {
			return "its progress is " + p
		}
		return ""
	})
	w.awaits(t, volume)
	w.same(t, volume.Name)
}

func blank(t *testing.T, w *world) {
	volume := w.volume(t, "", "4Mi")
	volume.Spec.Source = &cdiv1.DataVolumeSource{Blank: &cdiv1.DataVolumeBlankImage{}}
	w.succeeds(t, volume)
	if got := w.disk(t, volume.Name); !bytes.Equal(got, make([]byte, 4<<20)) {
		t.Errorf("the disk of %d bytes is not 4 MiB of zeroes", len(got))
	}
}

func clone(t *testing.T, w *world) {
	source := w.volume(t, "disk.qcow2", "8Mi")
	w.succeeds(t, source)
	target := w.volume(t, "", "32Mi")
	target.Name = "cloned"
	target.Spec.Source = &cdiv1.DataVolumeSource{PVC: &cdiv1.DataVolumeSourcePVC{Namespace: namespace, Name: source.Name}}
	w.succeeds(t, target)
	w.same(t, target.Name)
	if got := len(w.disk(t, target.Name)); got != 32<<20 {
		t.Errorf("the clone has %d bytes, want 32 MiB", got)
	}
}

// hostCopy clones onto a class whose profile forbids the driver to clone.
func hostCopy(t *testing.T, w *world) {
	class := &storagev1.StorageClass{ObjectMeta: metav1.ObjectMeta{Name: "copied"}, Provisioner: storage.Driver}
	block := corev1.PersistentVolumeBlock
	storagetest.Create(t, w.Site, class, &cdiv1.StorageProfile{
		ObjectMeta: metav1.ObjectMeta{Name: class.Name},
		Spec: cdiv1.StorageProfileSpec{
			CloneStrategy: ptr.To(cdiv1.CloneStrategyHostAssisted),
			ClaimPropertySets: []cdiv1.ClaimPropertySet{
				{AccessModes: []corev1.PersistentVolumeAccessMode{corev1.ReadWriteMany}, VolumeMode: &block},
			},
		},
	})
	storagetest.Until(t, w.Site, &cdiv1.StorageProfile{ObjectMeta: metav1.ObjectMeta{Name: class.Name}}, func(p *cdiv1.StorageProfile) string {
		if ptr.Deref(p.Status.CloneStrategy, "") != cdiv1.CloneStrategyHostAssisted {
			return "CDI has not read it"
		}
		return ""
	})
	source := w.volume(t, "disk.img", "8Mi")
	w.succeeds(t, source)
	target := w.volume(t, "", "16Mi")
	target.Name = "copied"
	target.Spec.Storage.StorageClassName = &class.Name
	target.Spec.Source = &cdiv1.DataVolumeSource{PVC: &cdiv1.DataVolumeSourcePVC{Namespace: namespace, Name: source.Name}}
	w.succeeds(t, target)
	w.same(t, target.Name)
	copied := &corev1.PersistentVolumeClaim{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: target.Name}}
	storagetest.Until(t, w.Site, copied, storagetest.Bound)
	if got := copied.Annotations["cdi.kubevirt.io/cloneType"]; got != "copy" {
		t.Errorf("it was made by %q, want a copy by CDI's workers", got)
	}
}

func upload(t *testing.T, w *world) {
	volume := w.volume(t, "", "16Mi")
	volume.Spec.Source = &cdiv1.DataVolumeSource{Upload: &cdiv1.DataVolumeSourceUpload{}}
	send := w.uploader(t, volume)
	if code, said := send(nil, w.gzip(t)); code != http.StatusUnauthorized {
		t.Errorf("without a certificate: %d %s, want 401", code, said)
	}
	if code, said := send(w.proxy(t), w.gzip(t)); code != http.StatusOK {
		t.Fatalf("%d %s", code, said)
	}
	w.awaits(t, volume)
	w.same(t, volume.Name)
}

func uploadProxy(t *testing.T, w *world) {
	volume := w.volume(t, "", "16Mi")
	volume.Spec.Source = &cdiv1.DataVolumeSource{Upload: &cdiv1.DataVolumeSourceUpload{}}
	w.uploader(t, volume)
	token := &uploadv1.UploadTokenRequest{
		TypeMeta:   metav1.TypeMeta{APIVersion: uploadv1.SchemeGroupVersion.String(), Kind: "UploadTokenRequest"},
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: volume.Name},
		Spec:       uploadv1.UploadTokenRequestSpec{PvcName: volume.Name},
	}
	if err := w.tokens(t).Create(context.Background(), token); err != nil {
		t.Fatal(err)
	}
	config := &cdiv1.CDIConfig{ObjectMeta: metav1.ObjectMeta{Name: "config"}}
	storagetest.Until(t, w.Site, config, func(c *cdiv1.CDIConfig) string {
		if ptr.Deref(c.Status.UploadProxyURL, "") == "" {
			return "it names no proxy"
		}
		return ""
	})
	request, err := http.NewRequest(http.MethodPost, *config.Status.UploadProxyURL+"/v1beta1/upload", bytes.NewReader(w.gzip(t)))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+token.Status.Token)
	sender := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}} //nolint:gosec // the proxy's certificate is upstream's
	response, err := sender.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if said, err := io.ReadAll(response.Body); err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("%s %s %v", response.Status, said, err)
	}
	w.awaits(t, volume)
	w.same(t, volume.Name)
}

// tokens is a client for upload tokens, which the site itself has no need of.
func (w *world) tokens(t *testing.T) client.Client {
	t.Helper()
	scheme := runtime.NewScheme()
	if err := uploadv1.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	c, err := client.New(w.Config, client.Options{Scheme: scheme})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func uploadTooLarge(t *testing.T, w *world) {
	volume := w.volume(t, "", "4Mi")
	volume.Spec.Source = &cdiv1.DataVolumeSource{Upload: &cdiv1.DataVolumeSourceUpload{}}
	send := w.uploader(t, volume)
	if code, said := send(w.proxy(t), w.raw); code != http.StatusBadRequest || !strings.Contains(said, "is larger than the reported available storage") {
		t.Errorf("%d %s, want 400 and CDI's words", code, said)
	}
}

// proxy is the certificate of CDI's upload proxy.
func (w *world) proxy(t *testing.T) *tls.Certificate {
	t.Helper()
	var secret corev1.Secret
	key := client.ObjectKey{Namespace: "cdi", Name: "cdi-uploadserver-client-cert"}
	if err := w.Client.Get(context.Background(), key, &secret); err != nil {
		t.Fatal(err)
	}
	pair, err := tls.X509KeyPair(secret.Data["tls.crt"], secret.Data["tls.key"])
	if err != nil {
		t.Fatal(err)
	}
	return &pair
}

// uploader makes an upload volume, waits for its server and gives the way to
// send to it.
func (w *world) uploader(t *testing.T, volume *cdiv1.DataVolume) func(*tls.Certificate, []byte) (int, string) {
	t.Helper()
	storagetest.Create(t, w.Site, volume)
	storagetest.Until(t, w.Site, volume, func(v *cdiv1.DataVolume) string {
		if v.Status.Phase != cdiv1.UploadReady {
			return "its phase is " + string(v.Status.Phase)
		}
		return ""
	})
	var pods corev1.PodList
	if err := w.Client.List(context.Background(), &pods, client.InNamespace(namespace), client.MatchingLabels{"cdi.kubevirt.io": "cdi-upload-server"}); err != nil {
		t.Fatal(err)
	}
	address := ""
	for _, pod := range pods.Items {
		claim := &corev1.PersistentVolumeClaim{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: pod.OwnerReferences[0].Name}}
		if err := w.Client.Get(context.Background(), client.ObjectKeyFromObject(claim), claim); err != nil {
			continue // It belongs to another test, which has ended.
		}
		if claim.Name == volume.Name || (metav1.GetControllerOf(claim) != nil && metav1.GetControllerOf(claim).Name == volume.Name) {
			address = pod.Status.PodIP
		}
	}
	return func(certificate *tls.Certificate, content []byte) (int, string) {
		config := &tls.Config{InsecureSkipVerify: true} //nolint:gosec // the proxy's own check is upstream's
		if certificate != nil {
			config.Certificates = []tls.Certificate{*certificate}
		}
		sender := &http.Client{Transport: &http.Transport{TLSClientConfig: config}}
		response, err := sender.Post("https://"+address+":8443/v1beta1/upload", "application/octet-stream", bytes.NewReader(content))
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		said, err := io.ReadAll(response.Body)
		if err != nil {
			t.Fatal(err)
		}
		return response.StatusCode, string(said)
	}
}

func restore(t *testing.T, w *world) {
	source := w.volume(t, "disk.img", "8Mi")
	w.succeeds(t, source)
	snapshot := &snapshotv1.VolumeSnapshot{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: "of-" + source.Name},
		Spec: snapshotv1.VolumeSnapshotSpec{
			VolumeSnapshotClassName: ptr.To(storage.SnapshotClass),
			Source:                  snapshotv1.VolumeSnapshotSource{PersistentVolumeClaimName: &source.Name},
		},
	}
	storagetest.Create(t, w.Site, snapshot)
	target := w.volume(t, "", "8Mi")
	target.Name = "restored"
	target.Spec.Source = &cdiv1.DataVolumeSource{Snapshot: &cdiv1.DataVolumeSourceSnapshot{Namespace: namespace, Name: snapshot.Name}}
	w.succeeds(t, target)
	w.same(t, target.Name)
}

// volume is a data volume of the server's file, named for the test.
func (w *world) volume(t *testing.T, file, size string) *cdiv1.DataVolume {
	return &cdiv1.DataVolume{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: strings.ToLower(filepath.Base(t.Name()))},
		Spec: cdiv1.DataVolumeSpec{
			Source: &cdiv1.DataVolumeSource{HTTP: &cdiv1.DataVolumeSourceHTTP{URL: w.server.URL + "/" + file}},
			Storage: &cdiv1.StorageSpec{Resources: corev1.VolumeResourceRequirements{
				Requests: corev1.ResourceList{corev1.ResourceStorage: resource.MustParse(size)},
			}},
		},
	}
}

func (w *world) succeeds(t *testing.T, volume *cdiv1.DataVolume) {
	t.Helper()
	storagetest.Create(t, w.Site, volume)
	w.awaits(t, volume)
}

func (w *world) awaits(t *testing.T, volume *cdiv1.DataVolume) {
	t.Helper()
	storagetest.Until(t, w.Site, volume, func(v *cdiv1.DataVolume) string {
		if v.Status.Phase != cdiv1.Succeeded {
			return "its phase is " + string(v.Status.Phase) + " and its condition Running says " + running(v)
		}
		return ""
	})
}

// running is the message of a data volume's condition Running.
func running(v *cdiv1.DataVolume) string {
	for _, condition := range v.Status.Conditions {
		if condition.Type == cdiv1.DataVolumeRunning {
			return condition.Message
		}
	}
	return ""
}

func (w *world) disk(t *testing.T, claim string) []byte {
	t.Helper()
	c := &corev1.PersistentVolumeClaim{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: claim}}
	// A data volume may have succeeded a moment before its claim has the volume.
	storagetest.Until(t, w.Site, c, storagetest.Bound)
	content, err := os.ReadFile(storagetest.Disk(t, w.Site, c))
	if err != nil {
		t.Fatal(err)
	}
	return content
}

// same checks that a claim's disk begins with the image and is zero after it.
func (w *world) same(t *testing.T, claim string) {
	t.Helper()
	got := w.disk(t, claim)
	if len(got) < len(w.raw) || !bytes.Equal(got[:len(w.raw)], w.raw) {
		t.Fatalf("the disk of %s has %d bytes and does not hold the image", claim, len(got))
	}
	if rest := got[len(w.raw):]; !bytes.Equal(rest, make([]byte, len(rest))) {
		t.Errorf("the disk of %s is not zero after the image", claim)
	}
}

func (w *world) gzip(t *testing.T) []byte {
	t.Helper()
	var packed bytes.Buffer
	zip := gzip.NewWriter(&packed)
	if _, err := zip.Write(w.raw); err != nil {
		t.Fatal(err)
	}
	if err := zip.Close(); err != nil {
		t.Fatal(err)
	}
	return packed.Bytes()
}

// serve makes the images and serves them, with and without TLS.
func (w *world) serve(t *testing.T) {
	t.Helper()
	dir := t.TempDir()
	raw, qcow := filepath.Join(dir, "disk.img"), filepath.Join(dir, "disk.qcow2")
	for path, content := range map[string][]byte{raw: w.raw, raw + ".gz": w.gzip(t)} {
		if err := os.WriteFile(path, content, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, command := range [][]string{
		{"qemu-img", "convert", "-f", "raw", "-O", "qcow2", raw, qcow},
		{"xz", "--keep", "-0", qcow},
	} {
		if out, err := exec.Command(command[0], command[1:]...).CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", command[0], err, out)
		}
	}
	mux := http.NewServeMux()
	mux.Handle("/", http.FileServer(http.Dir(dir)))
	mux.Handle("/elsewhere", http.RedirectHandler("/disk.img", http.StatusFound))
	w.server, w.secure = httptest.NewServer(mux), httptest.NewTLSServer(mux)
	t.Cleanup(w.server.Close)
	t.Cleanup(w.secure.Close)
}
