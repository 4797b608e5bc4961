package admission_test

import (
	"context"
	"errors"
	"net/http"
	"os"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/backend/storageclass/admission"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/longhorn"
	"crofthci.io/croft/test/manager"
)

var api *rest.Config

func TestMain(m *testing.M) {
	os.Exit(manager.Main(m, &api))
}

func class(name, provisioner string, parameters, annotations map[string]string) *storagev1.StorageClass {
	return &storagev1.StorageClass{
		ObjectMeta: metav1.ObjectMeta{Name: name, Annotations: annotations}, Provisioner: provisioner, Parameters: parameters,
	}
}

// encrypted are the parameters of an encrypted class, without some.
func encrypted(without ...string) map[string]string {
	parameters := map[string]string{longhorn.ParameterEncrypted: "true"}
	for _, key := range longhorn.SecretParameters {
		parameters[key] = "key"
	}
	for _, key := range without {
		delete(parameters, key)
	}
	return parameters
}

func TestOnServer(t *testing.T) {
	hooks := manager.NewWebhooks(t)
	c := manager.Start(t, api, manager.Options{
		Kinds: runtime.SchemeBuilder{harvesterv1.AddToScheme}, SetUp: admission.SetUp, Webhook: hooks.Server,
	})
	const other = "csi.example.org"
	standard := map[string]string{harvesterv1.AnnotationDefaultClass: "true"}
	strict := map[string]string{longhorn.ParameterLocality: longhorn.LocalityStrict}
	says := func(key, value string) map[string]string { return map[string]string{key: value} }
	old := class("old", longhorn.Driver, strict, nil)
	for _, present := range []*storagev1.StorageClass{
		class("standard", other, nil, standard), class("imaged", other, nil, nil), class("spare", other, nil, nil), class("claimed", other, nil, nil), old,
		class("own", other, nil, says(harvesterv1.AnnotationReservedClass, "true")),
	} {
		c.Make(present)
	}
	c.Make(&harvesterv1.VirtualMachineImage{
		ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "debian"},
		Spec: harvesterv1.VirtualMachineImageSpec{
			DisplayName: "debian", SourceType: "download", URL: "http://images.example.org/a", TargetStorageClassName: "imaged",
		},
	})
	claimed := "claimed"
	c.Make(&corev1.PersistentVolumeClaim{
		ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "data"},
		Spec: corev1.PersistentVolumeClaimSpec{
			AccessModes: []corev1.PersistentVolumeAccessMode{corev1.ReadWriteMany}, StorageClassName: &claimed,
			Resources: corev1.VolumeResourceRequirements{Requests: corev1.ResourceList{corev1.ResourceStorage: resource.MustParse("1Gi")}},
		},
	})
	hooks.Call(c, admission.Path)

	makes := func(object *storagev1.StorageClass) func(context.Context) error {
		return func(ctx context.Context) error { return c.Create(ctx, object, client.DryRunAll) }
	}
	deletes := func(name string) func(context.Context) error {
		return func(ctx context.Context) error { return c.Delete(ctx, class(name, "", nil, nil), client.DryRunAll) }
	}
	marked := old.DeepCopy()
	marked.Annotations = map[string]string{"field.cattle.io/description": "from before"}
	cases := map[string]struct {
		reason string
		do     func(context.Context) error
		code   int32
		says   string
	}{
		"Plain":      {"tags and replicas are the driver's", makes(class("a", longhorn.Driver, map[string]string{"numberOfReplicas": "2", "diskSelector": "ssd", longhorn.ParameterLocality: "best-effort"}, nil)), 0, ""},
		"Second":     {"one class at most is the default", makes(class("a", other, nil, standard)), http.StatusUnprocessableEntity, "storage class standard is the default already"},
		"Strict":     {"a machine would be tied to its node", makes(class("a", longhorn.Driver, strict, nil)), http.StatusUnprocessableEntity, "parameters[dataLocality]"},
		"Elsewhere":  {"another driver may mean something else by it", makes(class("a", other, strict, nil)), 0, ""},
		"Old":        {"what is there already is let be", func(ctx context.Context) error { return c.Patch(ctx, marked, client.MergeFrom(old)) }, 0, ""},
		"Encrypted":  {"an encrypted class that names its secret", makes(class("a", longhorn.Driver, encrypted(), nil)), 0, ""},
		"Keyless":    {"and one that forgets a part of it", makes(class("a", longhorn.Driver, encrypted("csi.storage.k8s.io/node-stage-secret-name"), nil)), http.StatusUnprocessableEntity, "parameters[csi.storage.k8s.io/node-stage-secret-name]"},
		"Hint":       {"CDI is told what it understands", makes(class("a", other, nil, says(harvesterv1.AnnotationModes, `{"Block":["ReadWriteMany"]}`))), 0, ""},
		"Strategy":   {"a strategy is one of three", makes(class("a", other, nil, says(harvesterv1.AnnotationCloneStrategy, "guess"))), http.StatusUnprocessableEntity, "must be copy, snapshot or csi-clone"},
		"Modes":      {"modes are Kubernetes'", makes(class("a", other, nil, says(harvesterv1.AnnotationModes, `{"Tape":["ReadWriteMany"]}`))), http.StatusUnprocessableEntity, `volume mode "Tape"`},
		"Access":     {"so are access modes", makes(class("a", other, nil, says(harvesterv1.AnnotationModes, `{"Block":["Some"]}`))), http.StatusUnprocessableEntity, `access mode "Some"`},
		"Overhead":   {"nothing keeps more than all", makes(class("a", other, nil, says(harvesterv1.AnnotationFilesystemOverhead, "1.5"))), http.StatusUnprocessableEntity, "must be a number from 0 to 1"},
		"Longhorn":   {"Longhorn's first engine has no use for CDI", makes(class("a", longhorn.Driver, nil, says(harvesterv1.AnnotationCloneStrategy, "copy"))), http.StatusUnprocessableEntity, "tells CDI nothing"},
		"LonghornV2": {"its second one has", makes(class("a", longhorn.Driver, map[string]string{"dataEngine": "v2"}, says(harvesterv1.AnnotationCloneStrategy, "copy"))), 0, ""},
		"Imaged":     {"the image is named", deletes("imaged"), http.StatusConflict, "storage class imaged is used by image default/debian"},
		"Reserved":   {"the site's own stay", deletes("own"), http.StatusConflict, "reserved for the site itself"},
		"Default":    {"volumes that name no class need one", deletes("standard"), http.StatusConflict, "storage class standard is the default one"},
		"NoReplica":  {"bytes lie somewhere", makes(class("a", longhorn.Driver, map[string]string{"numberOfReplicas": "0"}, nil)), http.StatusUnprocessableEntity, "parameters[numberOfReplicas]"},
		"Replicas":   {"a number is a number", makes(class("a", longhorn.Driver, map[string]string{"numberOfReplicas": "many"}, nil)), http.StatusUnprocessableEntity, "must be a whole number between 1 and 20"},
		"Copies":     {"another driver may count otherwise", makes(class("a", other, map[string]string{"numberOfReplicas": "many"}, nil)), 0, ""},
		"Claimed":    {"volumes do not keep it: theirs are made, as in Kubernetes", deletes("claimed"), 0, ""},
		"Spare":      {"what nobody needs goes", deletes("spare"), 0, ""},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			err := tc.do(t.Context())
			if tc.code == 0 {
				if err != nil {
					t.Errorf("%s: %v", tc.reason, err)
				}
				return
			}
			var status apierrors.APIStatus
			if !errors.As(err, &status) || status.Status().Code != tc.code || !strings.Contains(err.Error(), tc.says) {
				t.Errorf("%s: want %d and %q, got %v", tc.reason, tc.code, tc.says, err)
			}
		})
	}
	t.Run("Handed", func(t *testing.T) {
		from := class("standard", "", nil, nil)
		if err := c.Get(t.Context(), client.ObjectKeyFromObject(from), from); err != nil {
			t.Fatal(err)
		}
		manager.Change(c, from, func(of *storagev1.StorageClass) { of.Annotations[harvesterv1.AnnotationDefaultClass] = "false" })
		if err := makes(class("a", other, nil, standard))(t.Context()); err != nil {
			t.Errorf("the default is taken from one class and given to another in one breath: %v", err)
		}
	})
}
