package handler

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"time"

	corev1 "k8s.io/api/core/v1"
	kubevirtv1 "kubevirt.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// rebootDeadline is how long a guest may take to power down for a soft reboot.
const rebootDeadline = 2 * time.Minute

// verb makes the handler of a request that changes what a machine does.
func (h *handler) verb(reason, message string, do func(domain, context.Context) error) func(http.ResponseWriter, *http.Request, call) error {
	return func(w http.ResponseWriter, r *http.Request, c call) error {
		if err := do(c.dom, r.Context()); err != nil {
			return err
		}
		if reason != "" {
			h.events.Event(c.vmi, corev1.EventTypeNormal, reason, message)
		}
		h.queue.Add(client.ObjectKeyFromObject(c.vmi))
		w.WriteHeader(http.StatusAccepted)
		return nil
	}
}

// softReboot presses the power button of a guest and waits in the background to
// start it again.
func (h *handler) softReboot(dom domain, ctx context.Context) error {
	if err := dom.reboot(ctx); err != nil {
		return err
	}
	r, ok := dom.(emulated)
	if !ok {
		return nil
	}
	go func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), rebootDeadline)
		defer cancel()
		tick := time.NewTicker(250 * time.Millisecond)
		defer tick.Stop()
		for {
			select {
			case <-ctx.Done():
				return
			case <-r.Done():
				return
			case <-tick.C:
			}
			if done, err := r.FinishReboot(ctx); done || err != nil {
				return
			}
		}
	}()
	return nil
}

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
	if err := c.dom.freeze(r.Context()); err != nil {
		return status(http.StatusBadRequest, "%s", err)
	}
	if d := timeout.UnfreezeTimeout.Duration; d > 0 {
		ctx := context.WithoutCancel(r.Context())
		time.AfterFunc(d, func() {
			if err := c.dom.thaw(ctx); err != nil {
				h.site.Log.Warn("thaw", "machine", c.vmi.Name, "error", err)
			}
			h.queue.Add(client.ObjectKeyFromObject(c.vmi))
		})
	}
	h.queue.Add(client.ObjectKeyFromObject(c.vmi))
	w.WriteHeader(http.StatusAccepted)
	return nil
}

// noAgent is what libvirt says of a guest without agent.
func agentOf(r *http.Request, c call) (*agentInfo, error) {
	a := c.dom.agent(r.Context())
	if a == nil {
		return nil, status(http.StatusInternalServerError, "QEMU guest agent is not connected")
	}
	return a, nil
}

func serveGuestInfo(w http.ResponseWriter, r *http.Request, c call) error {
	a, err := agentOf(r, c)
	if err != nil {
		return err
	}
	return writeJSON(w, a.info)
}

func serveUsers(w http.ResponseWriter, r *http.Request, c call) error {
	a, err := agentOf(r, c)
	if err != nil {
		return err
	}
	return writeJSON(w, kubevirtv1.VirtualMachineInstanceGuestOSUserList{Items: a.users})
}

func serveFilesystems(w http.ResponseWriter, r *http.Request, c call) error {
	a, err := agentOf(r, c)
	if err != nil {
		return err
	}
	return writeJSON(w, kubevirtv1.VirtualMachineInstanceFileSystemList{Items: a.filesystems})
}

func (h *handler) serveScreenshot(w http.ResponseWriter, r *http.Request, c call) error {
	image, err := c.dom.screenshot(r.Context())
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "image/png")
	_, err = w.Write(image)
	return err
}
