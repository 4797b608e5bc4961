package steve_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// unreadable makes a kind that the API server says it serves, and of which no list can be had: its objects are stored in
// a version from which nobody converts them.
func unreadable(t *testing.T, plural string) {
	t.Helper()
	group, kind := "broken.crofthci.io", plural[:len(plural)-1]
	anything := &apiextensionsv1.CustomResourceValidation{OpenAPIV3Schema: &apiextensionsv1.JSONSchemaProps{
		Type: "object", XPreserveUnknownFields: ptr.To(true),
	}}
	definition := &apiextensionsv1.CustomResourceDefinition{
		ObjectMeta: metav1.ObjectMeta{Name: plural + "." + group},
		Spec: apiextensionsv1.CustomResourceDefinitionSpec{
			Group: group, Scope: apiextensionsv1.ClusterScoped,
			Names: apiextensionsv1.CustomResourceDefinitionNames{Plural: plural, Singular: kind, Kind: "Broken" + kind},
			Versions: []apiextensionsv1.CustomResourceDefinitionVersion{
				{Name: "v1", Served: true, Storage: false, Schema: anything},
				{Name: "v1alpha1", Served: true, Storage: true, Schema: anything},
			},
			Conversion: &apiextensionsv1.CustomResourceConversion{
				Strategy: apiextensionsv1.WebhookConverter,
				Webhook: &apiextensionsv1.WebhookConversion{
					ConversionReviewVersions: []string{"v1"},
					ClientConfig:             &apiextensionsv1.WebhookClientConfig{URL: ptr.To("https://127.0.0.1:1/nobody")},
				},
			},
		},
	}
	if err := site.admin.Create(t.Context(), definition); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := site.admin.Delete(context.Background(), definition); err != nil {
			t.Error(err)
		}
	})
	object := &unstructured.Unstructured{}
	object.SetGroupVersionKind(schema.GroupVersionKind{Group: group, Version: "v1alpha1", Kind: "Broken" + kind})
	object.SetName("one")
	eventually(t, plural+" can be made", func() bool { return site.admin.Create(t.Context(), object) == nil })
}

// quick is how long an answer may take while something else is broken, on a busy machine.
const quick = 20 * time.Second

// soon asks for a list and does not wait for long.
func soon(t *testing.T, server *httptest.Server, path string) answer {
	t.Helper()
	began := time.Now()
	got := send(t, server, http.MethodGet, path, "", map[string]string{"Authorization": "Bearer " + site.tokens[admin]})
	if took := time.Since(began); took > quick {
		t.Errorf("%s took %s", path, took)
	}
	return got
}

// owned makes a gadget that refers to another object: the state of what a row refers to is looked up for the row.
func owned(t *testing.T, name string) {
	t.Helper()
	owner := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: home, Name: "owner-of-" + name}}
	if err := site.admin.Create(t.Context(), owner); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := site.admin.Delete(context.Background(), owner); err != nil {
			t.Error(err)
		}
	})
	have(t, home, name, nil)
	object := newGadget(home, name)
	if err := site.admin.Get(t.Context(), client.ObjectKeyFromObject(object), object); err != nil {
		t.Fatal(err)
	}
	object.SetOwnerReferences([]metav1.OwnerReference{{APIVersion: "v1", Kind: "ConfigMap", Name: owner.Name, UID: owner.UID}})
	if err := site.admin.Update(t.Context(), object); err != nil {
		t.Fatal(err)
	}
}

func TestUnreadableKind(t *testing.T) {
	owned(t, "one")
	unreadable(t, "jams")
	eventually(t, "the kind that cannot be read is known", func() bool {
		return soon(t, site.port, "/v1/schemas/broken.crofthci.io.brokenjam").status == http.StatusOK
	})
	list := soon(t, site.port, "/v1/"+collection+"?filter=metadata.name=one")
	if rows := list.rows(); len(rows) != 1 || rows[0].field("metadata", "relationships") == nil {
		t.Errorf("a kind that cannot be read stops no list of another: %d %s", list.status, list.text)
	}
	eventually(t, "gadgets are counted, which a kind that cannot be read does not stop either", func() bool {
		rows := soon(t, site.port, "/v1/counts").rows()
		return len(rows) == 1 && rows[0].field("counts", "test.crofthci.io.gadget", "summary", "count") == 1.0
	})
	unreadable(t, "snags")
	eventually(t, "kinds that come later are known as well", func() bool {
		return soon(t, site.port, "/v1/schemas/broken.crofthci.io.brokensnag").status == http.StatusOK
	})
	if got := soon(t, site.port, "/v1/"+collection+"/home/one"); got.status != http.StatusOK {
		t.Errorf("nor one object: %d %s", got.status, got.text)
	}
}
