package admission_test

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
	admissionv1 "k8s.io/api/admission/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/util/validation/field"
	webhook "sigs.k8s.io/controller-runtime/pkg/webhook/admission"

	"crofthci.io/croft/pkg/admission"
)

type request = admission.Request[*corev1.ConfigMap]

func ask(operation admissionv1.Operation, document string) webhook.Request {
	asked := webhook.Request{AdmissionRequest: admissionv1.AdmissionRequest{
		Name: "web", Namespace: "default", Operation: operation, Kind: metav1.GroupVersionKind{Version: "v1", Kind: "ConfigMap"},
	}}
	raw := runtime.RawExtension{Raw: []byte(document)}
	if operation == admissionv1.Delete {
		asked.OldObject = raw
		return asked
	}
	asked.Object = raw
	return asked
}

func TestValidator(t *testing.T) {
	conflict := apierrors.NewConflict(schema.GroupResource{Resource: "configmaps"}, "web", errors.New("a machine uses it"))
	validator := admission.Validator[corev1.ConfigMap, *corev1.ConfigMap]{
		Fields: []admission.FieldCheck[*corev1.ConfigMap]{
			func(r request) field.ErrorList {
				if r.Object.Data["cpu"] != "" {
					return nil
				}
				return field.ErrorList{field.Required(field.NewPath("data", "cpu"), "")}
			},
			func(r request) field.ErrorList {
				if r.Object.Data["memory"] != "" {
					return nil
				}
				return field.ErrorList{field.Required(field.NewPath("data", "memory"), "")}
			},
		},
		Checks: []admission.Check[*corev1.ConfigMap]{func(_ context.Context, r request) error {
			if r.Object.Data["cpu"] == "broken" {
				return errors.New("no answer")
			}
			return nil
		}},
		Deletes: []admission.Check[*corev1.ConfigMap]{func(context.Context, request) error { return conflict }},
	}
	cases := map[string]struct {
		reason    string
		operation admissionv1.Operation
		document  string
		code      int32
		fields    []string
	}{
		"Good":     {"an object that satisfies every check is let in", admissionv1.Create, `{"data":{"cpu":"1","memory":"1"}}`, http.StatusOK, nil},
		"Wrong":    {"all wrong fields are named at once", admissionv1.Create, `{}`, http.StatusUnprocessableEntity, []string{"data.cpu", "data.memory"}},
		"Deleting": {"an object on its way out may lose its finalizers", admissionv1.Update, `{"metadata":{"deletionTimestamp":"2026-01-01T00:00:00Z"}}`, http.StatusOK, nil},
		"Delete":   {"a refusal keeps its own code", admissionv1.Delete, `{}`, http.StatusConflict, nil},
		"Broken":   {"an error that is no refusal is the server's fault", admissionv1.Create, `{"data":{"cpu":"broken","memory":"1"}}`, http.StatusInternalServerError, nil},
		"Garbage":  {"a document that is none is the client's fault", admissionv1.Create, `[]`, http.StatusBadRequest, nil},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			response := validator.Handle(t.Context(), ask(tc.operation, tc.document))
			if diff := cmp.Diff(tc.code, response.Result.Code); diff != "" {
				t.Errorf("%s: code: -want +got:\n%s", tc.reason, diff)
			}
			var fields []string
			if response.Result.Details != nil {
				for _, cause := range response.Result.Details.Causes {
					fields = append(fields, cause.Field)
				}
			}
			if diff := cmp.Diff(tc.fields, fields); diff != "" {
				t.Errorf("%s: fields: -want +got:\n%s", tc.reason, diff)
			}
		})
	}
}

func TestMutator(t *testing.T) {
	mutator := admission.Mutator[corev1.ConfigMap, *corev1.ConfigMap]{
		Changes: []admission.Change[*corev1.ConfigMap]{func(_ context.Context, r request) error {
			r.Object.Data = map[string]string{"grace": "120"}
			return nil
		}},
	}
	response := mutator.Handle(t.Context(), ask(admissionv1.Create, `{"tomorrow":{"field":1}}`))
	got, err := json.Marshal(response.Patches)
	if err != nil {
		t.Fatal(err)
	}
	want := `[{"op":"add","path":"/data","value":{"grace":"120"}}]`
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("only what changed is patched, and unknown fields stay: -want +got:\n%s", diff)
	}
}
