package main

import (
	"context"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
)

const ofHome = "/v1/harvester/namespaces/" + home

// limits are the limits of home now.
func limits(t *testing.T) harvesterv1.SnapshotLimit {
	t.Helper()
	quota := &harvesterv1.ResourceQuota{ObjectMeta: metav1.ObjectMeta{Namespace: home, Name: harvesterv1.ResourceQuotaName}}
	if err := site.admin.Get(t.Context(), client.ObjectKeyFromObject(quota), quota); client.IgnoreNotFound(err) != nil {
		t.Fatal(err)
	}
	return quota.Spec.SnapshotLimit
}

// TestQuotas limits the snapshots of a namespace and of a machine over HTTP.
func TestQuotas(t *testing.T) {
	t.Cleanup(func() {
		quota := &harvesterv1.ResourceQuota{ObjectMeta: metav1.ObjectMeta{Namespace: home, Name: harvesterv1.ResourceQuotaName}}
		if err := site.admin.Delete(context.Background(), quota); client.IgnoreNotFound(err) != nil {
			t.Error(err)
		}
	})
	halted(t, "limited", nil)
	const machine = machines + "limited"
	const some = 10 << 30
	steps := []struct {
		reason, user, path, body string
		status                   int
		says                     string
		want                     harvesterv1.SnapshotLimit
	}{
		{
			"nobody limits what he only works in", editor, ofHome + "?action=updateResourceQuota", `{"totalSnapshotSizeQuota":"10Gi"}`,
			http.StatusForbidden, "update resourcequotas in harvesterhci.io", harvesterv1.SnapshotLimit{},
		},
		{
			"nor his machines", editor, machine + "?action=updateResourceQuota", `{"totalSnapshotSizeQuota":"10Gi"}`,
			http.StatusForbidden, "update resourcequotas in harvesterhci.io", harvesterv1.SnapshotLimit{},
		},
		{
			"a size is a size", admin, ofHome + "?action=updateResourceQuota", `{"totalSnapshotSizeQuota":"much"}`,
			http.StatusUnprocessableEntity, "totalSnapshotSizeQuota", harvesterv1.SnapshotLimit{},
		},
		{
			"to take away what is not there is no error", admin, ofHome + "?action=deleteResourceQuota", "",
			http.StatusNoContent, "", harvesterv1.SnapshotLimit{},
		},
		{
			"the first limit makes the quota", admin, machine + "?action=updateResourceQuota", `{"totalSnapshotSizeQuota":"10Gi"}`,
			http.StatusNoContent, "", harvesterv1.SnapshotLimit{VMTotalSnapshotSizeQuota: map[string]int64{"limited": some}},
		},
		{
			"the next is beside it", admin, ofHome + "?action=updateResourceQuota", `{"totalSnapshotSizeQuota":"20Gi"}`,
			http.StatusNoContent, "",
			harvesterv1.SnapshotLimit{NamespaceTotalSnapshotSizeQuota: 2 * some, VMTotalSnapshotSizeQuota: map[string]int64{"limited": some}},
		},
		{
			"one goes alone", admin, machine + "?action=deleteResourceQuota", "",
			http.StatusNoContent, "", harvesterv1.SnapshotLimit{NamespaceTotalSnapshotSizeQuota: 2 * some},
		},
		{
			"and the other", admin, ofHome + "?action=deleteResourceQuota", "",
			http.StatusNoContent, "", harvesterv1.SnapshotLimit{},
		},
	}
	for _, step := range steps {
		got := ask(t, step.user, http.MethodPost, step.path, step.body)
		if got.status != step.status || !strings.Contains(got.text, step.says) {
			t.Errorf("%s: %d %s", step.reason, got.status, got.text)
		}
		if diff := cmp.Diff(step.want, limits(t)); diff != "" {
			t.Errorf("%s: -want +got:\n%s", step.reason, diff)
		}
	}
}

// TestQuotaOffered holds that only who may set a quota is offered to.
func TestQuotaOffered(t *testing.T) {
	for user, offered := range map[string]bool{admin: true, editor: false, reader: false} {
		got := ask(t, user, http.MethodGet, ofHome, "")
		if _, is := got.body.Actions["updateResourceQuota"]; is != offered || got.status != http.StatusOK {
			t.Errorf("%s: %d %s", user, got.status, got.text)
		}
		if _, told := got.body.Unavailable["updateResourceQuota"]; told == offered {
			t.Errorf("%s is told why not: %s", user, got.text)
		}
	}
}

// TestQuotaSchema holds what the definition itself refuses.
func TestQuotaSchema(t *testing.T) {
	cases := map[string]struct {
		reason, name, spec, says string
	}{
		"Name":      {"a namespace has one quota", "another", `{}`, "metadata.name must be default-resource-quota"},
		"Namespace": {"nothing is smaller than nothing", harvesterv1.ResourceQuotaName, `{"namespaceTotalSnapshotSizeQuota":-1}`, "namespaceTotalSnapshotSizeQuota"},
		"Machine":   {"nor for a machine", harvesterv1.ResourceQuotaName, `{"vmTotalSnapshotSizeQuota":{"web":-1}}`, "vmTotalSnapshotSizeQuota must not be negative"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			body := `{"apiVersion":"harvesterhci.io/v1beta1","kind":"ResourceQuota","metadata":{"namespace":"` + home + `","name":"` +
				tc.name + `"},"spec":{"snapshotLimit":` + tc.spec + `}}`
			got := ask(t, admin, http.MethodPost, "/v1/harvester/harvesterhci.io.resourcequotas", body)
			if got.status != http.StatusUnprocessableEntity || !strings.Contains(got.text, tc.says) {
				t.Errorf("%s: %d %s", tc.reason, got.status, got.text)
			}
		})
	}
}
