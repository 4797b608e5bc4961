package handler

import (
	"context"
	"os"
	"path/filepath"
	"slices"

	"k8s.io/apimachinery/pkg/types"
	kubevirtv1 "kubevirt.io/api/core/v1"

	"crofthci.io/croft/test/site/guest"
)

// dropOthers ends the machines of a name that are not the one of the uid: their
// objects are gone.
func (h *handler) dropOthers(key types.NamespacedName, uid types.UID) {
	for _, at := range h.domains.of(key, uid) {
		h.drop(at)
		h.removeFiles(at.vmi)
		h.site.ReleaseAddress(at.vmi)
		h.forgetAll(at.vmi)
	}
}

// drop ends one domain and forgets it.
func (h *handler) drop(at place) {
	h.consoles.close(at.vmi)
	if dom := h.domains.take(at); dom != nil {
		dom.kill()
	}
}

// removeFiles removes a machine's folder but for its log, which is what a person
// looks for after the machine is gone. What still runs there ends, also when an
// earlier process started it.
func (h *handler) removeFiles(vmi types.UID) {
	folder := h.site.GuestDir(vmi)
	entries, err := os.ReadDir(folder)
	if err != nil {
		return // a state has none
	}
	for _, e := range entries {
		if e.Name() != serialFile {
			h.removeRun(filepath.Join(folder, e.Name()))
		}
	}
	_ = os.Remove(folder) // where there is no log
	if err := dropLogs(filepath.Dir(folder)); err != nil {
		h.site.Log.Warn("old logs", "error", err)
	}
}

// removeRun ends what runs in a folder and removes it.
func (h *handler) removeRun(dir string) {
	guest.End(dir)
	if err := os.RemoveAll(dir); err != nil {
		h.site.Log.Warn("guest folder", "error", err)
	}
}

// sweep ends the guests of an earlier process whose machines are gone, or are on
// another node.
func (h *handler) sweep(ctx context.Context) {
	root := filepath.Join(h.site.Data, "guests")
	machines, err := os.ReadDir(root)
	if err != nil {
		return // no guest yet
	}
	var list kubevirtv1.VirtualMachineInstanceList
	if err := h.cache.List(ctx, &list); err != nil {
		h.site.Log.Warn("sweep guests", "error", err)
		return
	}
	alive := map[types.UID]*kubevirtv1.VirtualMachineInstance{}
	for i := range list.Items {
		if vmi := &list.Items[i]; !vmi.IsFinal() {
			alive[vmi.UID] = vmi
		}
	}
	for _, machine := range machines {
		uid := types.UID(machine.Name())
		if vmi := alive[uid]; vmi != nil {
			h.sweepStrays(vmi)
			continue
		}
		h.removeFiles(uid)
	}
}

// sweepStrays ends the targets of moves that nobody remembers.
func (h *handler) sweepStrays(vmi *kubevirtv1.VirtualMachineInstance) {
	used := []string{nodeOf(vmi)}
	if migrating(vmi) {
		used = append(used, vmi.Status.MigrationState.SourceNode, vmi.Status.MigrationState.TargetNode)
	}
	for n := 1; n <= h.site.Nodes; n++ {
		if name := h.site.NodeName(n); !slices.Contains(used, name) {
			h.removeRun(runDir(h.site.GuestDir(vmi.UID), name))
		}
	}
}
