package steve_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"testing"

	"sigs.k8s.io/controller-runtime/pkg/client"
)

// TestAnswersOnce does by Steve's own action of a cluster what is refused in all ways: each answer is one, with nothing
// after it.
func TestAnswersOnce(t *testing.T) {
	gadget := func(name string) string {
		return `{"yaml":"apiVersion: test.crofthci.io/v1\nkind: Gadget\nmetadata: {name: ` + name + `, namespace: home}\n"}`
	}
	t.Cleanup(func() {
		if err := client.IgnoreNotFound(site.admin.Delete(context.Background(), newGadget(home, "applied"))); err != nil {
			t.Error(err)
		}
	})
	cases := map[string]struct {
		reason string
		user   string
		body   string
		want   int
	}{
		"Done":    {"who may, gets what was made", admin, gadget("applied"), http.StatusOK},
		"Refused": {"the cluster's own refusal is the answer", reader, gadget("refused"), http.StatusForbidden},
		"Garbage": {"what is no input", admin, `[`, http.StatusUnprocessableEntity},
		"TooBig":  {"what is too much of it", admin, `{"yaml":"` + strings.Repeat("#", 3<<20) + `"}`, http.StatusRequestEntityTooLarge},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got := ask(t, tc.user, http.MethodPost, "/v1/management.cattle.io.clusters/local?action=apply", tc.body)
			if got.status != tc.want {
				t.Errorf("%s: status %d, want %d: %s", tc.reason, got.status, tc.want, got.text)
			}
			answers := json.NewDecoder(strings.NewReader(got.text))
			var first, second any
			if err := answers.Decode(&first); err != nil {
				t.Errorf("%s: no answer: %v", tc.reason, err)
			}
			if err := answers.Decode(&second); !errors.Is(err, io.EOF) {
				t.Errorf("%s: after the answer there is another: %s", tc.reason, got.text)
			}
		})
	}
}
