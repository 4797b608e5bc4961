package serve

import (
	"fmt"
	"testing"
	"time"

	rbacv1 "k8s.io/api/rbac/v1"

	"crofthci.io/croft/fleet/index"
	"crofthci.io/croft/fleet/index/rights"
)

// TestNoticeOfRights holds that whoever is shown something else than before, because rights have changed and nothing
// besides, is told to list again.
func TestNoticeOfRights(t *testing.T) {
	instances := rbacv1.PolicyRule{Verbs: []string{"get"}, APIGroups: []string{"kubevirt.io"}, Resources: []string{"virtualmachineinstances"}}
	cases := map[string]struct {
		reason, ask string
		machines    int
		change      func(h *hall)
	}{
		"Lost":      {"the machines are gone from the list", `{"resourceType":"virtualmachine"}`, 1, func(h *hall) { h.book.Remove(near, rights.RoleBinding, "one", "list") }},
		"Guarded":   {"the node is gone from rows that may still be listed", `{"resourceType":"virtualmachine"}`, 1, func(h *hall) { h.book.Remove(near, rights.RoleBinding, "one", "get") }},
		"Shown":     {"the node is there by a right to get it", `{"resourceType":"virtualmachine"}`, 1, func(h *hall) { h.bind(near, "two", "get-two", instances, "ann") }},
		"Many":      {"by notices, one is enough for however many rows", `{"resourceType":"virtualmachine","mode":"resource.changes"}`, mostMissed + 1, func(h *hall) { h.book.Remove(near, rights.RoleBinding, "one", "list") }},
		"ManyAlone": {"and of one namespace", `{"resourceType":"virtualmachine","mode":"resource.changes","namespace":"one"}`, mostMissed + 1, func(h *hall) { h.book.Remove(near, rights.RoleBinding, "one", "list") }},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			h := newHall(t)
			h.bind("_hub", "", "knows", rbacv1.PolicyRule{Verbs: []string{"get", "list"}, APIGroups: []string{"management.cattle.io"}, Resources: []string{"clusters"}}, "ann")
			h.bind(near, "one", "list", allMachines, "ann")
			h.bind(near, "two", "list-two", allMachines, "ann")
			h.bind(near, "one", "get", instances, "ann")
			var machines []index.Change
			for i := range tc.machines {
				machines = append(machines, machine(t, "one", fmt.Sprint("m", i), "Running"))
			}
			h.apply(t, near, machines...)
			l := h.dial(t, "ann")
			l.ask(t, tc.ask)
			l.want(t, "begun", "resource.start")
			tc.change(h)
			h.rows.TellRights(near)
			for deadline := time.Now().Add(time.Minute); ; {
				if time.Now().After(deadline) {
					t.Fatalf("%s, and in a minute there was no notice", tc.reason)
				}
				switch told := l.next(t); told.Name {
				case noticeEvent:
					return
				case "resource.error", "resource.stop":
					t.Fatalf("%s: got %s instead of a notice", tc.reason, told.Name)
				}
			}
		})
	}
}
