package importer

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"path/filepath"
	"sync"
	"time"
)

// upload is one volume that waits for its bytes.
type upload struct {
	worker *worker
	target *disk
	// client is the common name that a sender's certificate must have.
	client string

	mu    sync.Mutex
	busy  bool
	done  bool
	ended chan error
	// clone is whether the bytes came from another volume.
	clone bool
}

// serveUpload is CDI's upload server: it takes one upload, over TLS from those
// with the proxy's certificate, and ends.
func serveUpload(ctx context.Context, w *worker) (string, error) {
	target, err := w.disk(ctx)
	if err != nil {
		return "", err
	}
	secure, err := w.uploadTLS(ctx)
	if err != nil {
		return "", err
	}
	u := &upload{worker: w, target: target, client: w.set("CLIENT_NAME"), ended: make(chan error, 1)}
	listener, err := net.Listen("tcp", netip.AddrPortFrom(w.address, port).String())
	if err != nil {
		return "", fmt.Errorf("error creating upload listener: %w", err)
	}
	server := &http.Server{
		Handler:           u.handler(),
		ReadHeaderTimeout: 10 * time.Second,
		BaseContext:       func(net.Listener) context.Context { return ctx },
	}
	defer server.Close()
	go func() { _ = server.Serve(tls.NewListener(listener, secure)) }() // it always ends with an error: closed
	if err := w.say(ctx, ready(time.Now())); err != nil {
		return "", err
	}

	deadline, err := deadlineOf(w.set("DEADLINE"))
	if err != nil {
		return "", err
	}
	select {
	case <-ctx.Done():
		return "", ctx.Err()
	case <-deadline:
		yes, message := true, "Deadline Passed"
		return termination{DeadlinePassed: &yes, Message: &message}.String(), nil
	case err := <-u.ended:
		if err != nil {
			return "", err
		}
	}
	// The sender waits for its answer.
	if err := server.Shutdown(ctx); err != nil {
		return "", err
	}
	message := "Upload Complete"
	if u.clone {
		message = "Clone Complete"
	}
	no := false
	return termination{PreallocationApplied: &no, Message: &message}.String(), nil
}

// deadlineOf receives when a deadline has passed; never without one.
func deadlineOf(text string) (<-chan time.Time, error) {
	if text == "" {
		return nil, nil
	}
	at, err := time.Parse(time.RFC3339, text)
	if err != nil {
		return nil, fmt.Errorf("failed to parse deadline: %w", err)
	}
	return time.After(time.Until(at)), nil
}

// uploadTLS reads the server's certificate and whom it trusts.
func (w *worker) uploadTLS(ctx context.Context) (*tls.Config, error) {
	files, err := w.mounted(ctx, filepath.Dir(w.set("TLS_CERT_FILE")))
	if err != nil {
		return nil, err
	}
	at := func(variable string) []byte { return files[filepath.Base(w.set(variable))] }
	pair, err := tls.X509KeyPair(at("TLS_CERT_FILE"), at("TLS_KEY_FILE"))
	if err != nil {
		return nil, fmt.Errorf("invalid TLS config: %w", err)
	}
	clients := x509.NewCertPool()
	clients.AppendCertsFromPEM(at("CLIENT_CERT_FILE"))
	return &tls.Config{
		Certificates: []tls.Certificate{pair}, ClientCAs: clients,
		ClientAuth: tls.VerifyClientCertIfGiven, MinVersion: tls.VersionTLS12,
	}, nil
}

// handler has CDI's paths: an upload as the body or as a form's file, answered
// when it is stored or as soon as it has arrived.
func (u *upload) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/healthz", func(out http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(out, "OK") })
	for _, version := range []string{"/v1alpha1", "/v1beta1"} {
		mux.HandleFunc(version+"/upload", u.take(body, false))
		mux.HandleFunc(version+"/upload-async", u.take(body, true))
		mux.HandleFunc(version+"/upload-form", u.take(form, false))
		mux.HandleFunc(version+"/upload-form-async", u.take(form, true))
	}
	return mux
}

type opener func(*http.Request) (io.Reader, error)

func body(r *http.Request) (io.Reader, error) { return r.Body, nil }

// form finds the part named file.
func form(r *http.Request) (io.Reader, error) {
	parts, err := r.MultipartReader()
	if err != nil {
		return nil, err
	}
	for {
		part, err := parts.NextPart()
		if err != nil {
			return nil, fmt.Errorf("the form has no file: %w", err)
		}
		if part.FormName() == "file" {
			return part, nil
		}
	}
}

// take answers one sender.
func (u *upload) take(open opener, early bool) http.HandlerFunc {
	return func(out http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodHead {
			return
		}
		if code := u.admit(r); code != 0 {
			out.WriteHeader(code)
			return
		}
		source, err := open(r)
		if err != nil {
			u.release()
			http.Error(out, err.Error(), http.StatusBadRequest)
			return
		}
		u.clone = r.Header.Get("x-cdi-content-type") == blockClone
		file, remove, err := u.receive(r.Context(), source)
		if err != nil {
			u.release()
			refuse(out, err)
			return
		}
		if early {
			go func() {
				defer remove()
				u.end(u.store(u.worker.playing, file))
			}()
			return
		}
		defer remove()
		if err := u.store(r.Context(), file); err != nil {
			u.release()
			refuse(out, err)
			return
		}
		u.end(nil)
	}
}

// admit says why a request is not an upload that may begin now, 0 if it is.
func (u *upload) admit(r *http.Request) int {
	if r.Method != http.MethodPost && r.Method != http.MethodPut {
		return http.StatusNotFound
	}
	if len(r.TLS.VerifiedChains) == 0 || r.TLS.PeerCertificates[0].Subject.CommonName != u.client {
		return http.StatusUnauthorized
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.done {
		return http.StatusConflict
	}
	if u.busy {
		return http.StatusServiceUnavailable
	}
	u.busy = true
	return 0
}

// release lets the next sender try, after one that failed.
func (u *upload) release() {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.busy = false
}

// end lets nobody try any more.
func (u *upload) end(err error) {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.busy, u.done = false, err == nil
	u.ended <- err
}

// refuse answers as CDI does: what does not fit is the sender's fault.
func refuse(out http.ResponseWriter, err error) {
	code := http.StatusInternalServerError
	if errors.Is(err, errTooLarge) {
		code = http.StatusBadRequest
	}
	out.WriteHeader(code)
	fmt.Fprintf(out, "Saving stream failed: %s", err)
}
