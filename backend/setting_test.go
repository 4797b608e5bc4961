package main

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
)

// TestUIInfo asks as somebody who has not logged in.
func TestUIInfo(t *testing.T) {
	create(t, &harvesterv1.Setting{ObjectMeta: metav1.ObjectMeta{Name: "ui-source"}, Value: "external", Default: "auto"})
	want := map[string]string{
		"ui-source":                 "external",
		"ui-index":                  "https://releases.rancher.com/harvester-ui/dashboard/latest/index.html",
		"ui-plugin-index":           "https://releases.rancher.com/harvester-ui/plugin/harvester-latest/harvester-latest.umd.min.js",
		"ui-plugin-bundled-version": "",
	}
	var got map[string]string
	eventually(t, "everybody is told", func() bool {
		response, err := site.api.Client().Get(site.api.URL + "/v1/harvester/ui-info")
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		text, err := io.ReadAll(response.Body)
		if err != nil || response.StatusCode != http.StatusOK || json.Unmarshal(text, &got) != nil {
			t.Logf("%d %s", response.StatusCode, text)
			return false
		}
		return cmp.Equal(want, got)
	})
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("what a browser needs, and no more: -want +got:\n%s", diff)
	}
}

// TestBackupTarget asks whether backups can be made, before and after somebody has named a target.
func TestBackupTarget(t *testing.T) {
	const path = "/v1/harvester/backuptarget/healthz"
	asked := func(user string, status int, says string) {
		t.Helper()
		if got := ask(t, user, http.MethodGet, path, ""); got.status != status || !strings.Contains(got.body.Message, says) {
			t.Errorf("%s: want %d %q, got %d %s", user, status, says, got.status, got.text)
		}
	}
	// Controllers that ran before may have made it, with its default.
	target := &harvesterv1.Setting{ObjectMeta: metav1.ObjectMeta{Name: "backup-target"}}
	stay(t, target.DeepCopy())
	value := func(text string) {
		t.Helper()
		patch := []byte(`{"value":` + strconv.Quote(text) + `}`)
		if err := site.admin.Patch(context.Background(), target, client.RawPatch(types.MergePatchType, patch)); err != nil {
			t.Fatal(err)
		}
	}
	asked(admin, http.StatusBadRequest, "backup-target setting is not set")
	asked(stranger, http.StatusForbidden, "")
	value(`{"type":"nfs","endpoint":"nfs://a:/b"}`)
	t.Cleanup(func() { value("") })
	asked(admin, http.StatusBadRequest, "makes no backups yet")
	asked(stranger, http.StatusForbidden, "")
}
