package main

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	storagev1 "k8s.io/api/storage/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	imageadmission "crofthci.io/croft/backend/image/admission"
	"crofthci.io/croft/pkg/longhorn"
)

// TestBackendRefused asks over HTTP for images that Longhorn is to keep and cannot.
func TestBackendRefused(t *testing.T) {
	enlist(t)
	for name, parameters := range map[string]map[string]string{"first": nil, "second": {longhorn.ParameterEngine: "v2"}} {
		create(t, &storagev1.StorageClass{ObjectMeta: metav1.ObjectMeta{Name: name}, Provisioner: longhorn.Driver, Parameters: parameters})
	}
	guard(t, imageadmission.SetUp, imageadmission.ValidatePath)
	cases := map[string]struct{ reason, class, more string }{
		"Second": {"the second engine's volumes are filled by CDI", "second", ""},
		"Own":    {"also where the image alone asks for that engine", "first", `,"storageClassParameters":{"dataEngine":"v2"}`},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			body := fmt.Sprintf(`{"metadata":{"namespace":%q,"name":"engine"},"spec":{"displayName":"engine","sourceType":"upload",`+
				`"backend":"backingimage","targetStorageClassName":%q%s}}`, home, tc.class, tc.more)
			got := ask(t, admin, http.MethodPost, strings.TrimSuffix(images, "/"+home+"/"), body)
			says := "storage class " + tc.class + " are of its second (parameter dataEngine: v2); use cdi"
			if got.status != http.StatusUnprocessableEntity || got.body.FieldName != "spec.backend" || !strings.Contains(got.body.Message, says) {
				t.Errorf("%s: want 422 spec.backend %q, got %d %s", tc.reason, says, got.status, got.text)
			}
		})
	}
}
