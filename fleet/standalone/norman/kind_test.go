package norman

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rancher/norman/httperror"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

func kindNamed(t *testing.T, id string) *kind {
	t.Helper()

	for i := range kinds {
		if kinds[i].id == id {
			return &kinds[i]
		}
	}

	t.Fatalf("there is no kind %s", id)

	return nil
}

func TestShow(t *testing.T) {
	cases := map[string]struct {
		reason, kind string
		object       map[string]any
		want         map[string]any
	}{
		"Token": {
			"an object in a namespace", "clusterRegistrationToken",
			map[string]any{
				"metadata": map[string]any{"namespace": "c-m-1", "name": "default-token"}, "spec": map[string]any{"clusterName": "c-m-1"},
				"status": map[string]any{"token": "t", "manifestUrl": "u"},
			},
			map[string]any{
				"id": "c-m-1:default-token", "type": "clusterRegistrationToken", "baseType": "clusterRegistrationToken", "state": "active",
				"transitioning": "no", "name": "default-token", "namespaceId": "c-m-1", "clusterId": "c-m-1", "token": "t", "manifestUrl": "u",
			},
		},
		"Pending": {
			"a cluster whose agent never called", "cluster",
			map[string]any{"metadata": map[string]any{"name": "c-m-1"}, "spec": map[string]any{"displayName": "north"}},
			map[string]any{
				"id": "c-m-1", "type": "cluster", "baseType": "cluster", "state": "pending", "transitioning": "yes", "name": "north",
				"transitioningMessage": "waiting for the cluster's agent to connect",
			},
		},
		"Away": {
			"a cluster that is away", "cluster",
			map[string]any{"metadata": map[string]any{"name": "c-m-1"}, "status": map[string]any{"conditions": []any{
				map[string]any{"type": "Ready", "status": "False"}, map[string]any{"type": "Provisioned", "status": "True"},
			}}},
			map[string]any{
				"id": "c-m-1", "type": "cluster", "baseType": "cluster", "state": "unavailable", "transitioning": "no",
				"conditions": []any{map[string]any{"type": "Ready", "status": "False"}, map[string]any{"type": "Provisioned", "status": "True"}},
			},
		},
		"User": {
			"a password is never shown", "user",
			map[string]any{"metadata": map[string]any{"name": "u-1"}, "username": "ann", "password": "hash", "displayName": "Ann"},
			map[string]any{"id": "u-1", "type": "user", "baseType": "user", "state": "active", "transitioning": "no", "username": "ann", "name": "Ann"},
		},
	}

	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got := kindNamed(t, tc.kind).show(&unstructured.Unstructured{Object: tc.object})
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("%s (-want, +got):\n%s", tc.reason, diff)
			}
		})
	}
}

func TestTake(t *testing.T) {
	cases := map[string]struct {
		reason, kind string
		data         map[string]any
		update       bool
		want         map[string]any
	}{
		"Create": {
			"what a person writes", "cluster", map[string]any{"name": "north", "labels": map[string]string{"a": "b"}}, false,
			map[string]any{"spec": map[string]any{"displayName": "north"}, "metadata": map[string]any{"labels": map[string]any{"a": "b"}}},
		},
		"ReadOnly": {"what the server says cannot be written", "cluster", map[string]any{"provider": "harvester", "state": "active"}, false, map[string]any{}},
		"Password": {"a password does not go into the object", "user", map[string]any{"username": "ann", "password": "p"}, false, map[string]any{"username": "ann"}},
		"Rename":   {"a username stays", "user", map[string]any{"username": "eve", "name": "Eve"}, true, map[string]any{"displayName": "Eve"}},
		"Role":     {"whose role it is stays", "clusterRoleTemplateBinding", map[string]any{"userId": "u-2", "roleTemplateId": "cluster-owner"}, true, map[string]any{}},
	}

	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			object := &unstructured.Unstructured{Object: map[string]any{}}
			if err := kindNamed(t, tc.kind).take(tc.data, object, tc.update); err != nil {
				t.Fatal(err)
			}

			if diff := cmp.Diff(tc.want, object.Object); diff != "" {
				t.Errorf("%s (-want, +got):\n%s", tc.reason, diff)
			}
		})
	}
}

func TestTranslate(t *testing.T) {
	where := schema.GroupResource{Resource: "users"}

	cases := map[string]struct {
		reason string
		err    error
		want   int
	}{
		"NotFound":  {"it is not there", apierrors.NewNotFound(where, "x"), 404},
		"Forbidden": {"the caller may not", apierrors.NewForbidden(where, "x", nil), 403},
		"Exists":    {"it is there already", apierrors.NewAlreadyExists(where, "x"), 409},
		"Conflict":  {"somebody was faster", apierrors.NewConflict(where, "x", nil), 409},
		"Bad":       {"a field is wrong", apierrors.NewBadRequest("x"), 422},
		"Else":      {"the API server is in trouble", apierrors.NewInternalError(errors.New("x")), 500},
	}

	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			var got *httperror.APIError
			if !errors.As(translate(tc.err), &got) || got.Code.Status != tc.want {
				t.Errorf("%s: want %d, got %v", tc.reason, tc.want, got)
			}
		})
	}
}
