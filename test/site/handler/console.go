package handler

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"

	"github.com/gorilla/websocket"
	"k8s.io/apimachinery/pkg/types"
	kubevirtv1 "kubevirt.io/api/core/v1"
)

// plainStream is the subprotocol of KubeVirt's consoles: the bytes as they are.
const plainStream = "plain.kubevirt.io"

// consoles are the open connections to serial lines and screens. There is one
// of each per machine: who comes last gets it.
type consoles struct {
	mu   sync.Mutex
	open map[console]context.CancelFunc
	ids  map[console]int
}

type console struct {
	vmi  types.UID
	kind string
}

func newConsoles() *consoles {
	return &consoles{open: map[console]context.CancelFunc{}, ids: map[console]int{}}
}

// take ends the connection that is there and registers the new one. The
// function that it returns gives the place back.
func (c *consoles) take(ctx context.Context, which console) (context.Context, func()) {
	ctx, cancel := context.WithCancel(ctx)
	c.mu.Lock()
	defer c.mu.Unlock()
	if other := c.open[which]; other != nil {
		other()
	}
	c.ids[which]++
	id := c.ids[which]
	c.open[which] = cancel
	return ctx, func() {
		cancel()
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.ids[which] == id {
			delete(c.open, which)
			delete(c.ids, which)
		}
	}
}

func (c *consoles) inUse(which console) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.open[which] != nil
}

// close ends all connections to a machine.
func (c *consoles) close(vmi types.UID) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for which, cancel := range c.open {
		if which.vmi == vmi {
			cancel()
		}
	}
}

func (h *handler) serveConsole(w http.ResponseWriter, r *http.Request, c call) error {
	if a := c.vmi.Spec.Domain.Devices.AutoattachSerialConsole; a != nil && !*a {
		return status(http.StatusBadRequest, "this machine has no serial console (autoattachSerialConsole is false)")
	}
	return h.stream(w, r, c.vmi, "serial", c.dom.serial)
}

func (h *handler) serveVNC(w http.ResponseWriter, r *http.Request, c call) error {
	preserve, _ := strconv.ParseBool(r.URL.Query().Get("preserveSession")) // absent is false
	if preserve && h.consoles.inUse(console{c.vmi.UID, "vnc"}) {
		return status(http.StatusServiceUnavailable, "Active VNC connection. Request denied.")
	}
	return h.stream(w, r, c.vmi, "vnc", c.dom.vnc)
}

// stream joins a websocket and a machine's line until either ends, or somebody
// else takes the line.
func (h *handler) stream(w http.ResponseWriter, r *http.Request, vmi *kubevirtv1.VirtualMachineInstance, kind string, dial func(context.Context) (net.Conn, error)) error {
	ctx, release := h.consoles.take(r.Context(), console{vmi.UID, kind})
	defer release()
	line, err := dial(ctx)
	if err != nil {
		return status(http.StatusBadRequest, "%s", err)
	}
	defer line.Close()
	upgrader := websocket.Upgrader{
		Subprotocols: []string{plainStream},
		CheckOrigin:  func(*http.Request) bool { return true }, // virt-api, by its certificate
	}
	socket, err := upgrader.Upgrade(w, r, nil)
	if err != nil {
		return nil //nolint:nilerr // the upgrader has answered
	}
	defer socket.Close()
	ended := make(chan struct{}, 2)
	go func() { toSocket(socket, line); ended <- struct{}{} }()
	go func() { fromSocket(line, socket); ended <- struct{}{} }()
	select {
	case <-ended:
	case <-ctx.Done():
	}
	goodbye := websocket.FormatCloseMessage(websocket.CloseNormalClosure, "")
	_ = socket.WriteControl(websocket.CloseMessage, goodbye, time.Now().Add(time.Second)) // it may be gone
	return nil
}

func toSocket(socket *websocket.Conn, line io.Reader) {
	buffer := make([]byte, 32<<10)
	for {
		n, err := line.Read(buffer)
		if n > 0 {
			if err := socket.WriteMessage(websocket.BinaryMessage, buffer[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

func fromSocket(line io.Writer, socket *websocket.Conn) {
	for {
		_, message, err := socket.NextReader()
		if err != nil {
			return
		}
		if _, err := io.Copy(line, message); err != nil && !errors.Is(err, io.EOF) {
			return
		}
	}
}
