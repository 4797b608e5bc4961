package handler

import (
	"context"
	"errors"
	"os"
	"path/filepath"

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
// looks for after the machine is gone.
func (h *handler) removeFiles(vmi types.UID) {
	entries, err := os.ReadDir(h.site.GuestDir(vmi))
	if err != nil {
		return
	}
	for _, e := range entries {
		if e.Name() == "serial.log" {
			continue
		}
		if err := os.RemoveAll(filepath.Join(h.site.GuestDir(vmi), e.Name())); err != nil {
			h.site.Log.Warn("guest folder", "error", err)
		}
	}
}

// sweep ends the guests of an earlier process whose machines are gone.
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
	alive := map[types.UID]bool{}
	for _, vmi := range list.Items {
		alive[vmi.UID] = !vmi.IsFinal()
	}
	for _, machine := range machines {
		uid := types.UID(machine.Name())
		if alive[uid] {
			continue
		}
		h.sweepMachine(ctx, filepath.Join(root, machine.Name()))
		h.removeFiles(uid)
	}
}

func (h *handler) sweepMachine(ctx context.Context, dir string) {
	runs, err := os.ReadDir(dir)
	if err != nil {
		return
	}
	for _, run := range runs {
		if !run.IsDir() {
			continue
		}
		g, err := guest.Adopt(ctx, filepath.Join(dir, run.Name()))
		if errors.Is(err, os.ErrNotExist) {
			continue
		}
		if err != nil {
			h.site.Log.Warn("sweep guests", "error", err)
			continue
		}
		g.Kill()
	}
}
