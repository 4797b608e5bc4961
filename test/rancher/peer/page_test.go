package peer

import (
	"fmt"
	"net/http"
	"testing"
	"time"

	"crofthci.io/croft/test/e2e/stage"
)

// page installs the page as a person would, by its chart, and has Rancher serve
// what croft-fleet gave it.
func (w *world) page(t *testing.T) {
	values := map[string]any{"plugin": map[string]any{"endpoint": "http://" + w.rancher.page()}}
	if err := w.rancher.chart(t.Context(), "croft-ui", "cattle-ui-plugin-system", values); err != nil {
		t.Fatal(err)
	}
	stage.Eventually(t, "Rancher has the page", time.Minute, func() error {
		var index struct {
			Entries map[string]struct{ Name, Version string }
		}
		if err := ask(w.rancher.admin, http.MethodGet, "/v1/uiplugins", nil, &index); err != nil {
			return err
		}
		entry, ok := index.Entries["croft"]
		if !ok {
			return fmt.Errorf("it has %v", index.Entries)
		}
		script := fmt.Sprintf("/v1/uiplugins/croft/%s/plugin/croft-%s.umd.min.js", entry.Version, entry.Version)
		return ask(w.rancher.admin, http.MethodGet, script, nil, nil)
	})
}
