package handler

import (
	"context"
	"net/http"
	"time"

	corev1 "k8s.io/api/core/v1"
	kubevirtv1 "kubevirt.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// rebootPatience is how long a guest may take to power down for a soft reboot.
const rebootPatience = 2 * time.Minute

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
// start it again. Should this process end meanwhile, the next look at the machine
// does the same, only later.
func (h *handler) softReboot(dom domain, ctx context.Context) error {
	if err := dom.reboot(ctx); err != nil {
		return err
	}
	r, ok := dom.(emulated)
	if !ok {
		return nil
	}
	go func() {
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), rebootPatience)
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
			if done, err := r.FinishReboot(ctx); err == nil && done {
				return
			}
		}
	}()
	return nil
}

// agentOf asks the guest's agent; without one it answers what libvirt says then.
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
