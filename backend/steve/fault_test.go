package steve

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rancher/apiserver/pkg/apierror"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"crofthci.io/croft/backend/capability"
)

func TestFault(t *testing.T) {
	machines := schema.GroupResource{Group: "kubevirt.io", Resource: "virtualmachines"}
	refused := func(code int32, message string, causes ...metav1.StatusCause) error {
		return &apierrors.StatusError{ErrStatus: metav1.Status{
			Code: code, Reason: metav1.StatusReason(http.StatusText(int(code))), Message: message,
			Details: &metav1.StatusDetails{Causes: causes},
		}}
	}
	type want struct {
		Status  int
		Field   string
		Message string
	}
	cases := map[string]struct {
		reason string
		err    error
		want   want
	}{
		"Input":     {"an input is refused with its field", fmt.Errorf("do: %w", capability.Refuse("nodeName", "No such node.")), want{422, "nodeName", "No such node."}},
		"NotFound":  {"Kubernetes' own words", apierrors.NewNotFound(machines, "web"), want{404, "", `virtualmachines.kubevirt.io "web" not found`}},
		"Forbidden": {"a refusal by RBAC", apierrors.NewForbidden(machines, "web", errors.New("no")), want{403, "", `virtualmachines.kubevirt.io "web" is forbidden: no`}},
		"Webhook": {
			"who refused is of no interest, the field is",
			refused(422, `admission webhook "virtualmachine-validator.kubevirt.io" denied the request: spec.x must be set`, metav1.StatusCause{Field: "spec.x"}),
			want{422, "spec.x", "spec.x must be set"},
		},
		"WebhookBehindVirtAPI": {
			"virt-api answers 500 for what a webhook refuses it",
			refused(500, `Internal error occurred: admission webhook "migration-create-validator.kubevirt.io" denied the request: in-flight migration detected.`),
			want{409, "", "in-flight migration detected."},
		},
		"Strict": {
			"a misspelt field is a wrong field",
			refused(400, `VirtualMachine in version "v1" cannot be handled as a VirtualMachine: strict decoding error: unknown field "spec.runStategy"`),
			want{422, "spec.runStategy", `VirtualMachine in version "v1" cannot be handled as a VirtualMachine: strict decoding error: unknown field "spec.runStategy"`},
		},
		"StrictPatch": {
			"so it is in a patch, for which the API server shows the whole object",
			refused(422, ` "" is invalid: patch: Invalid value: "{\"spec\":{\"sice\":2}}": strict decoding error: unknown field "spec.sice"`, metav1.StatusCause{Field: "patch"}),
			want{422, "spec.sice", `unknown field "spec.sice"`},
		},
		"KubeVirtsSchema": {
			"virt-api validates itself, and names the field first",
			refused(422, "admission webhook \"virtualmachine-validator.kubevirt.io\" denied the request: spec.template in body is required"),
			want{422, "spec.template", "spec.template in body is required"},
		},
		"Unaddressable": {
			"a name that leads elsewhere is the caller's fault, and Kubernetes' client says so without a code",
			fmt.Errorf("read volume: %w", errors.New(`invalid resource name "../x": [may not contain '/']`)),
			want{422, "", `The cluster can have no such thing: invalid resource name "../x": [may not contain '/'].`},
		},
		"Undecodable": {
			"a webhook that cannot read a field says so in its message only",
			refused(400, `admission webhook "virtualmachines-mutator.kubevirt.io" denied the request: json: cannot unmarshal string into Go struct field CPU.spec.template.spec.domain.cpu.cores of type uint32`),
			want{422, "spec.template.spec.domain.cpu.cores", "json: cannot unmarshal string into Go struct field CPU.spec.template.spec.domain.cpu.cores of type uint32"},
		},
		"TooLate": {"a node that is lost does not answer", fmt.Errorf("pause: %w", context.DeadlineExceeded), want{504, "", "The cluster did not answer in time."}},
		"Unknown": {"what nobody expected", errors.New("the roof is on fire"), want{500, "", "the roof is on fire"}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			var got *apierror.APIError
			if !errors.As(fault(tc.err), &got) {
				t.Fatalf("%s: no answer for %v", tc.reason, tc.err)
			}
			if diff := cmp.Diff(tc.want, want{got.Code.Status, got.FieldName, got.Message}); diff != "" {
				t.Errorf("%s: (-want +got)\n%s", tc.reason, diff)
			}
		})
	}
}

func TestByImpersonation(t *testing.T) {
	cases := map[string]struct {
		reason  string
		headers http.Header
		name    string
		groups  []string
		extra   map[string][]string
		err     error
	}{
		"Nobody": {reason: "no user is nobody", headers: http.Header{}, err: errNobody},
		"User": {
			reason: "whoever is impersonated is authenticated, as Kubernetes sees it", headers: http.Header{"Impersonate-User": {"u-1"}},
			name: "u-1", groups: []string{"system:authenticated"}, extra: map[string][]string{},
		},
		"Full": {
			reason: "groups and extra arrive as Kubernetes reads them",
			headers: http.Header{
				"Impersonate-User": {"u-1"}, "Impersonate-Group": {"a", "system:authenticated"},
				"Impersonate-Extra-Acme.com%2Fproject": {"p"},
			},
			name: "u-1", groups: []string{"a", "system:authenticated"}, extra: map[string][]string{"acme.com/project": {"p"}},
		},
		"Anonymous": {
			reason: "the anonymous user stays so", headers: http.Header{"Impersonate-User": {"system:anonymous"}},
			name: "system:anonymous", extra: map[string][]string{},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got, err := ByImpersonation(&http.Request{Header: tc.headers})
			if !errors.Is(err, tc.err) {
				t.Fatalf("%s: %v", tc.reason, err)
			}
			if err != nil {
				return
			}
			if got.GetName() != tc.name {
				t.Errorf("%s: name %q", tc.reason, got.GetName())
			}
			if diff := cmp.Diff(tc.groups, got.GetGroups()); diff != "" {
				t.Errorf("%s: groups (-want +got)\n%s", tc.reason, diff)
			}
			if diff := cmp.Diff(tc.extra, got.GetExtra()); diff != "" {
				t.Errorf("%s: extra (-want +got)\n%s", tc.reason, diff)
			}
		})
	}
}
