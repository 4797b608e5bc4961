package handler

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	kubevirtv1 "kubevirt.io/api/core/v1"

	"crofthci.io/croft/test/site/node"
	"crofthci.io/croft/test/site/site"
)

// serveNode answers on a port of a node's address until the context ends.
func (h *handler) serveNode(ctx context.Context, n int, port uint16, routes http.Handler, certs func(*tls.ClientHelloInfo) (*tls.Config, error)) error {
	address := netip.AddrPortFrom(h.site.NodeAddress(n), port)
	var listen net.ListenConfig
	l, err := listen.Listen(ctx, "tcp", address.String())
	if err != nil {
		return fmt.Errorf("virt-handler of node %s: %w", h.site.NodeName(n), err)
	}
	server := &http.Server{
		Handler:           routes,
		ReadHeaderTimeout: 10 * time.Second,
		BaseContext:       func(net.Listener) context.Context { return ctx },
	}
	stop := context.AfterFunc(ctx, func() { _ = server.Close() })
	defer stop()
	reachable := deafListener{Listener: l, deaf: func() bool { return h.unreachable(n) }}
	config := &tls.Config{MinVersion: tls.VersionTLS12, GetConfigForClient: certs}
	if err := server.Serve(tls.NewListener(reachable, config)); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// unreachable is true while a fault keeps a node's handler from answering.
func (h *handler) unreachable(n int) bool {
	_, ordered := h.site.Faults.On(site.FaultHandler, h.site.NodeName(n))
	return ordered || node.Stopped(h.site, n)
}

// deafListener hangs up on every caller while deaf answers true.
type deafListener struct {
	net.Listener
	deaf func() bool
}

func (l deafListener) Accept() (net.Conn, error) {
	for {
		conn, err := l.Listener.Accept()
		if err != nil || !l.deaf() {
			return conn, err
		}
		_ = conn.Close()
	}
}

// routes are what virt-api asks of a node.
func (h *handler) routes(n int) http.Handler {
	mux := http.NewServeMux()
	for _, route := range []struct {
		pattern string
		serve   func(http.ResponseWriter, *http.Request, call) error
	}{
		{"GET %s/console", h.serveConsole},
		{"GET %s/vnc", h.serveVNC},
		{"GET %s/vnc/screenshot", h.serveScreenshot},
		{"PUT %s/pause", h.verb("Paused", "VirtualMachineInstance paused", domain.pause)},
		{"PUT %s/unpause", h.verb("Unpaused", "VirtualMachineInstance unpaused", domain.resume)},
		{"PUT %s/reset", h.verb("Reset", "VirtualMachineInstance reset", domain.reset)},
		{"PUT %s/softreboot", h.verb("SoftRebooted", "VirtualMachineInstance soft rebooted", h.softReboot)},
		{"PUT %s/freeze", h.serveFreeze},
		{"PUT %s/unfreeze", h.serveThaw},
		{"GET %s/guestosinfo", serveGuestInfo},
		{"GET %s/userlist", serveUsers},
		{"GET %s/filesystemlist", serveFilesystems},
		{"GET %s/usbredir", refuse("USB redirection")},
		{"GET %s/vsock", refuse("VSOCK")},
		{"PUT %s/backup", refuse("a backup by changed blocks")},
		{"PUT %s/redefine-checkpoint", refuse("a backup by changed blocks")},
		{"GET %s/sev/fetchcertchain", refuse("SEV")},
		{"GET %s/sev/querylaunchmeasurement", refuse("SEV")},
		{"PUT %s/sev/injectlaunchsecret", refuse("SEV")},
	} {
		pattern := fmt.Sprintf(route.pattern, "/v1/namespaces/{namespace}/virtualmachineinstances/{name}")
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			if h.unreachable(n) {
				panic(http.ErrAbortHandler) // virt-api keeps connections; this one breaks
			}
			if err := h.answer(w, r, n, route.serve); err != nil {
				answerError(w, err)
			}
		})
	}
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusOK) })
	return mux
}

// call is a request to a machine that runs here.
type call struct {
	vmi *kubevirtv1.VirtualMachineInstance
	dom domain
}

func (h *handler) answer(w http.ResponseWriter, r *http.Request, n int, serve func(http.ResponseWriter, *http.Request, call) error) error {
	vmi := &kubevirtv1.VirtualMachineInstance{}
	key := types.NamespacedName{Namespace: r.PathValue("namespace"), Name: r.PathValue("name")}
	if err := h.cache.Get(r.Context(), key, vmi); err != nil {
		return err
	}
	if nodeOf(vmi) != h.site.NodeName(n) {
		return status(http.StatusNotFound, "VMI %s is not on node %s", key, h.site.NodeName(n))
	}
	if vmi.Status.Phase != kubevirtv1.Running {
		return status(http.StatusConflict, "VMI %s is %s, not Running", key, vmi.Status.Phase)
	}
	dom, err := h.find(r.Context(), vmi, nodeOf(vmi))
	if err != nil {
		return err
	}
	return serve(w, r, call{vmi: vmi, dom: dom})
}

// statusError is an error with the HTTP status that it is answered with.
type statusError struct {
	code    int
	message string
}

func (e *statusError) Error() string { return e.message }

func status(code int, format string, words ...any) error {
	return &statusError{code: code, message: fmt.Sprintf(format, words...)}
}

// answerError writes an error as virt-handler does: its text.
func answerError(w http.ResponseWriter, err error) {
	code := http.StatusInternalServerError
	if s, ok := err.(*statusError); ok { //nolint:errorlint // made here, never wrapped
		code = s.code
	} else if apierrors.IsNotFound(err) {
		code = http.StatusNotFound
	}
	http.Error(w, err.Error(), code)
}

func writeJSON(w http.ResponseWriter, value any) error {
	w.Header().Set("Content-Type", "application/json")
	return json.NewEncoder(w).Encode(value)
}

func refuse(what string) func(http.ResponseWriter, *http.Request, call) error {
	return func(http.ResponseWriter, *http.Request, call) error {
		return status(http.StatusNotImplemented, "a simulated node does not offer %s", what)
	}
}
