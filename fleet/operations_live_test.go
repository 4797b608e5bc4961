package main

import (
	"net/http"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// testLive follows operations over the websocket: their creator is told of each step and of every item, and somebody else
// of none.
func testLive(t *testing.T, ann, bob caller) {
	events, others := ann.subscribe(t, `{"resourceType":"bulkoperation","cursor":""}`), bob.subscribe(t, `{"resourceType":"bulkoperation"}`)
	hears(t, events, "resource.start", "")
	hears(t, others, "resource.start", "")
	order := map[string]any{"spec": map[string]any{
		"type": "virtualmachine", "action": "stop", "selector": map[string]any{"ids": []string{near + "/one/off-1", near + "/one/a-1"}},
	}}
	var made told
	if status := ann.send(t, "POST", bulks, order, &made); status != http.StatusCreated {
		t.Fatalf("made: %d %+v", status, made)
	}
	row := hubSite + "/" + made.ID
	var status map[string]any
	for status["phase"] != "Checked" {
		status, _ = hearsOf(t, events, row)["status"].(map[string]any)
	}
	want := []any{
		map[string]any{"id": near + "/one/off-1", "state": "Pending", "check": "Refused", "message": "The machine is stopped already."},
		map[string]any{"id": near + "/one/a-1", "state": "Pending", "check": "Allowed"},
	}
	if diff := cmp.Diff(want, status["items"]); diff != "" {
		t.Errorf("the items (-want +got)\n%s", diff)
	}
	var one told
	if code := ann.get(t, bulks+"/"+row, &one); code != http.StatusOK || one.ID != made.ID {
		t.Errorf("by the row's own id: %d %+v", code, one)
	}
	if code := ann.send(t, "DELETE", bulks+"/"+made.ID, nil, &one); code != http.StatusOK {
		t.Errorf("removed: %d %+v", code, one)
	}
	hears(t, events, "resource.remove", row)
	var his told
	if code := bob.send(t, "POST", bulks, order, &his); code != http.StatusCreated {
		t.Fatalf("made: %d %+v", code, his)
	}
	for id := ""; id != hubSite+"/"+his.ID; {
		if id, _ = hearsOf(t, others, "")["id"].(string); id == row {
			t.Fatalf("somebody else heard of %s", id)
		}
	}
	if code := bob.send(t, "DELETE", bulks+"/"+his.ID, nil, &his); code != http.StatusOK {
		t.Errorf("removed: %d %+v", code, his)
	}
}

// hearsOf waits for the next that is told of a row, or of any.
func hearsOf(t *testing.T, events <-chan map[string]any, id string) map[string]any {
	t.Helper()
	deadline := time.After(2 * time.Minute)
	for {
		select {
		case event, open := <-events:
			if !open {
				t.Fatalf("the websocket was closed before anything was told of %s", id)
			}
			if data, ok := event["data"].(map[string]any); ok && data["id"] != nil && (id == "" || data["id"] == id) {
				return data
			}
		case <-deadline:
			t.Fatalf("nothing was told of %s", id)
		}
	}
}
