package clients

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	harvesterv1 "github.com/harvester/harvester/pkg/apis/harvesterhci.io/v1beta1"
	"github.com/harvester/harvester/pkg/generated/clientset/versioned/scheme"
	"k8s.io/apimachinery/pkg/api/equality"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
)

// whole is an object with every field of its spec, as the library writes it.
type whole struct {
	reason   string
	resource string
	object   runtime.Object
	// empty are the fields that are left out, because they contradict others.
	empty []string
	// says is in the sentence of the refusal, none when it is accepted.
	says string
}

// wholes are all kinds that Croft has. The conditions and numbers of their statuses are sent, too; the server has its own.
func wholes(t *testing.T, s *site) []whole {
	t.Helper()
	meta := func(name string) metav1.ObjectMeta {
		return metav1.ObjectMeta{Name: name, Namespace: s.namespace, Labels: map[string]string{"a": "b"}, Annotations: map[string]string{"c": "d"}}
	}
	conditions := []harvesterv1.Condition{{
		Type: "Imported", Status: "True", Reason: "r", Message: "m", LastUpdateTime: "2026-01-01T00:00:00Z", LastTransitionTime: "2026-01-01T00:00:00Z",
	}}
	image := func(name string, change func(*harvesterv1.VirtualMachineImageSpec)) *harvesterv1.VirtualMachineImage {
		made := &harvesterv1.VirtualMachineImage{
			ObjectMeta: meta(name),
			Spec: harvesterv1.VirtualMachineImageSpec{
				Backend: harvesterv1.VMIBackendCDI, Description: "d", DisplayName: name, SourceType: harvesterv1.VirtualMachineImageSourceTypeDownload,
				PVCName: "p", PVCNamespace: s.namespace, URL: s.images + "/gone.qcow2", Checksum: strings.Repeat("0", 128),
				StorageClassParameters: map[string]string{"migratable": "true", "numberOfReplicas": "3", "staleReplicaTimeout": "30"}, Retry: 10,
				SecurityParameters: &harvesterv1.VirtualMachineImageSecurityParameters{
					CryptoOperation: harvesterv1.VirtualMachineImageCryptoOperationTypeEncrypt, SourceImageName: "i", SourceImageNamespace: s.namespace,
				},
				TargetStorageClassName: s.class(t),
			},
			Status: harvesterv1.VirtualMachineImageStatus{
				AppliedURL: "u", Progress: 1, Size: 2, VirtualSize: 3, StorageClassName: "c", Failed: 1, LastFailedTime: "2026-01-01T00:00:00Z",
				Conditions: conditions, TargetStorageClassName: "c",
			},
		}
		change(&made.Spec)
		return made
	}
	line, _ := publicKey(t)
	return []whole{
		{"a key", "keypairs", &harvesterv1.KeyPair{
			ObjectMeta: meta("key"), Spec: harvesterv1.KeyPairSpec{PublicKey: line},
			Status: harvesterv1.KeyPairStatus{FingerPrint: "f", Conditions: conditions},
		}, nil, ""},
		{"an image by URL with what belongs to others is an image by URL", "virtualmachineimages",
			image("by-url", func(*harvesterv1.VirtualMachineImageSpec) {}), nil, ""},
		{"a volume that is not there is named", "virtualmachineimages", image("by-volume", func(spec *harvesterv1.VirtualMachineImageSpec) {
			spec.SourceType, spec.URL = harvesterv1.VirtualMachineImageSourceTypeExportVolume, ""
		}), []string{"URL"}, "spec.pvcName"},
		{"a copy of what is not there names it", "virtualmachineimages", image("by-clone", func(spec *harvesterv1.VirtualMachineImageSpec) {
			spec.SourceType, spec.URL = harvesterv1.VirtualMachineImageSourceTypeClone, ""
		}), []string{"URL"}, "spec.securityParameters.sourceImageName"},
		{"an upload has no URL", "virtualmachineimages", image("by-upload", func(spec *harvesterv1.VirtualMachineImageSpec) {
			spec.SourceType = harvesterv1.VirtualMachineImageSourceTypeUpload
		}), nil, "url must be empty"},
		{"there are no backups to restore from", "virtualmachineimages", image("by-restore", func(spec *harvesterv1.VirtualMachineImageSpec) {
			spec.SourceType = harvesterv1.VirtualMachineImageSourceTypeRestore
		}), nil, "spec.sourceType"},
		{"Longhorn's parameters change nothing elsewhere", "virtualmachineimages", image("by-longhorn", func(spec *harvesterv1.VirtualMachineImageSpec) {
			spec.Backend = harvesterv1.VMIBackendBackingImage
		}), nil, ""},
		{"a downloader", "virtualmachineimagedownloaders", &harvesterv1.VirtualMachineImageDownloader{
			ObjectMeta: meta("by-url"), Spec: harvesterv1.VirtualMachineImageDownloaderSpec{ImageName: "by-url", CompressType: "qcow2"},
			Status: harvesterv1.VirtualMachineImageDownloaderStatus{
				Status: harvesterv1.ImageDownloaderStatusReady, DownloadURL: "u",
				Conditions: []harvesterv1.VirtualMachineImageDownloaderCondition{{
					Type: harvesterv1.DownloaderCondsReady, Status: "True", LastTransitionTime: metav1.Now(), Reason: "r", Message: "m",
				}},
			},
		}, nil, ""},
		{"a template", "virtualmachinetemplates", &harvesterv1.VirtualMachineTemplate{
			ObjectMeta: meta("template"), Spec: harvesterv1.VirtualMachineTemplateSpec{DefaultVersionID: s.namespace + "/version", Description: "d"},
			Status: harvesterv1.VirtualMachineTemplateStatus{DefaultVersion: 1, LatestVersion: 1},
		}, nil, ""},
		{"a version", "virtualmachinetemplateversions", &harvesterv1.VirtualMachineTemplateVersion{
			ObjectMeta: meta("version"), Spec: harvesterv1.VirtualMachineTemplateVersionSpec{
				TemplateID: s.namespace + "/template", Description: "d", ImageID: s.namespace + "/by-url", KeyPairIDs: []string{s.namespace + "/key"},
				VM: harvesterv1.VirtualMachineSourceSpec{ObjectMeta: meta("vm"), Spec: halted(t, s.namespace, "vm").Spec},
			},
			Status: harvesterv1.VirtualMachineTemplateVersionStatus{Version: 1, Conditions: conditions},
		}, nil, ""},
		{"a quota of snapshots", "resourcequotas", &harvesterv1.ResourceQuota{
			ObjectMeta: meta("default-resource-quota"),
			Spec: harvesterv1.ResourceQuotaSpec{SnapshotLimit: harvesterv1.SnapshotLimit{
				NamespaceTotalSnapshotSizeQuota: 1 << 40, VMTotalSnapshotSizeQuota: map[string]int64{"vm": 1 << 30},
			}},
			Status: harvesterv1.ResourceQuotaStatus{SnapshotLimitStatus: harvesterv1.SnapshotLimitStatus{
				NamespaceTotalSnapshotSizeUsage: 1, VMTotalSnapshotSizeUsage: map[string]int64{"vm": 1},
			}},
		}, nil, ""},
		{"a setting that nobody reads is not made", "settings", &harvesterv1.Setting{
			ObjectMeta: metav1.ObjectMeta{Name: "of-nobody"}, Value: "v", Default: "d", Customized: true, Source: "s",
			Status: harvesterv1.SettingStatus{Conditions: conditions},
		}, nil, "metadata.name"},
	}
}

// class is the site's default storage class.
func (s *site) class(t *testing.T) string {
	t.Helper()
	classes, err := s.kube.StorageV1().StorageClasses().List(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	for _, class := range classes.Items {
		if class.Annotations["storageclass.kubernetes.io/is-default-class"] == "true" {
			return class.Name
		}
	}
	t.Fatal("no class is the default")
	return ""
}

// send makes an object; a field that the server does not know is refused.
func (s *site) send(t *testing.T, w whole) (runtime.Object, error) {
	t.Helper()
	request := s.harvester.HarvesterhciV1beta1().RESTClient().Post().Resource(w.resource)
	if w.resource != "settings" {
		request = request.Namespace(s.namespace)
	}
	made := reflect.New(reflect.TypeOf(w.object).Elem()).Interface().(runtime.Object)
	err := request.VersionedParams(&metav1.CreateOptions{FieldValidation: metav1.FieldValidationStrict}, scheme.ParameterCodec).
		Body(w.object).Do(t.Context()).Into(made)
	return made, err
}

// makeWhole makes one of each kind.
func (s *site) makeWhole(t *testing.T) {
	t.Helper()
	for _, w := range wholes(t, s) {
		if _, err := s.send(t, w); w.says == "" && err != nil {
			t.Fatalf("%s: %v", w.reason, err)
		}
	}
}

// TestWhole sends objects with every field that the library has. They are kept as they are, or refused with a sentence.
func TestWhole(t *testing.T) {
	s := open(t, "clients-whole")
	for _, w := range wholes(t, s) {
		spec := reflect.ValueOf(w.object).Elem().FieldByName("Spec")
		if spec.IsValid() {
			for field, value := range spec.Fields() {
				if left := value.IsZero(); left != strings.Contains(" "+strings.Join(w.empty, " ")+" ", " "+field.Name+" ") {
					t.Errorf("%s: %s is left out: %t", w.reason, field.Name, left)
				}
			}
		}
		made, err := s.send(t, w)
		if w.says != "" {
			if !apierrors.IsInvalid(err) || !strings.Contains(err.Error(), w.says) {
				t.Errorf("%s: want a refusal that says %q, got %v", w.reason, w.says, err)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", w.reason, err)
			continue
		}
		kept := reflect.ValueOf(made).Elem().FieldByName("Spec").Interface()
		if image, is := kept.(harvesterv1.VirtualMachineImageSpec); is && w.object.(*harvesterv1.VirtualMachineImage).Spec.Backend != image.Backend {
			image.Backend = w.object.(*harvesterv1.VirtualMachineImage).Spec.Backend // what is served is chosen
			kept = image
		}
		if sent := spec.Interface(); !equality.Semantic.DeepEqual(sent, kept) {
			t.Errorf("%s: sent %+v, kept %+v", w.reason, sent, kept)
		}
	}
}

// TestWatch tells of a key's life.
func TestWatch(t *testing.T) {
	s := open(t, "clients-watch")
	keys := s.harvester.HarvesterhciV1beta1().KeyPairs(s.namespace)
	events, err := keys.Watch(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	defer events.Stop()
	line, fingerprint := publicKey(t)
	s.makeKey(t, "watched", line)
	if err := keys.Delete(t.Context(), "watched", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	var told []string
	for event := range events.ResultChan() {
		key, is := event.Object.(*harvesterv1.KeyPair)
		if !is {
			t.Fatalf("told of %T", event.Object)
		}
		told = append(told, fmt.Sprintf("%s %s %s", event.Type, key.Name, key.Status.FingerPrint))
		if event.Type == "DELETED" {
			break
		}
	}
	all := strings.Join(told, ", ")
	for _, want := range []string{"ADDED watched ", "MODIFIED watched " + fingerprint, "DELETED watched " + fingerprint} {
		if !strings.Contains(all, want) {
			t.Errorf("told of %s, want %s", all, want)
		}
	}
}
