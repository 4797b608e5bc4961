package handler

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"k8s.io/apimachinery/pkg/types"
	kubevirtv1 "kubevirt.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// thawFile in a machine's folder holds the time at which its file systems must go
// on. A file, because the guest stays frozen when this process dies.
const thawFile = "thaw-by"

// serveFreeze holds the guest's file systems still, for as long as was asked.
func (h *handler) serveFreeze(w http.ResponseWriter, r *http.Request, c call) error {
	timeout := kubevirtv1.FreezeUnfreezeTimeout{}
	err := json.NewDecoder(io.LimitReader(r.Body, 1024)).Decode(&timeout)
	if err != nil && !errors.Is(err, io.EOF) {
		return status(http.StatusBadRequest, "failed to unmarshal unfreeze timeout")
	}
	if timeout.UnfreezeTimeout == nil {
		return status(http.StatusBadRequest, "Unfreeze timeout in freeze request is not set")
	}
	before, _ := h.thawBy(c.vmi.UID)
	by := time.Time{}
	if d := timeout.UnfreezeTimeout.Duration; d > 0 {
		by = time.Now().Add(d)
	}
	// Before the guest is frozen, so that it never is without an end.
	if err := h.promiseThaw(c.vmi.UID, by); err != nil {
		return err
	}
	if err := c.dom.freeze(r.Context()); err != nil {
		if err := h.promiseThaw(c.vmi.UID, before); err != nil {
			return err
		}
		return status(http.StatusBadRequest, "%s", err)
	}
	h.queue.Add(client.ObjectKeyFromObject(c.vmi))
	w.WriteHeader(http.StatusAccepted)
	return nil
}

// serveThaw lets the guest's file systems go on.
func (h *handler) serveThaw(w http.ResponseWriter, r *http.Request, c call) error {
	if err := h.verb("", "", domain.thaw)(w, r, c); err != nil {
		return err
	}
	if err := h.promiseThaw(c.vmi.UID, time.Time{}); err != nil {
		h.site.Log.Warn("guest folder", "error", err)
	}
	return nil
}

// thawWhenDue lets a guest go on whose time is over, and says how long another
// one has still to hold still; 0 is for ever.
func (h *handler) thawWhenDue(ctx context.Context, vmi *kubevirtv1.VirtualMachineInstance, dom domain) (time.Duration, error) {
	by, promised := h.thawBy(vmi.UID)
	if !promised {
		return 0, nil
	}
	if left := time.Until(by); left > 0 {
		return left, nil
	}
	if err := dom.thaw(ctx); err != nil {
		return 0, fmt.Errorf("thaw: %w", err)
	}
	return 0, h.promiseThaw(vmi.UID, time.Time{})
}

// promiseThaw writes down when a guest must go on; the zero time is never.
func (h *handler) promiseThaw(vmi types.UID, by time.Time) error {
	file := filepath.Join(h.site.GuestDir(vmi), thawFile)
	if by.IsZero() {
		if err := os.Remove(file); !errors.Is(err, fs.ErrNotExist) {
			return err
		}
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return fmt.Errorf("guest folder: %w", err)
	}
	return os.WriteFile(file, []byte(by.Format(time.RFC3339Nano)), 0o600)
}

func (h *handler) thawBy(vmi types.UID) (time.Time, bool) {
	text, err := os.ReadFile(filepath.Join(h.site.GuestDir(vmi), thawFile))
	if err != nil {
		return time.Time{}, false
	}
	by, err := time.Parse(time.RFC3339Nano, string(text))
	return by, err == nil
}
