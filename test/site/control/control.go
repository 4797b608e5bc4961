// Package control is the socket that faults are ordered on, HTTP over unix:
//
//	curl --unix-socket control.sock http://site/faults
//	curl --unix-socket control.sock http://site/faults -d '{"name":"node","target":"site-1-node-2"}'
//	curl --unix-socket control.sock http://site/faults -X DELETE -d '{"name":"node","target":"site-1-node-2"}'
package control

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"time"

	"crofthci.io/croft/test/site/site"
)

// Run serves the socket until the context ends.
func Run(ctx context.Context, s *site.Site, path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("control socket: %w", err)
	}
	var listen net.ListenConfig
	l, err := listen.Listen(ctx, "unix", path)
	if err != nil {
		return fmt.Errorf("control socket: %w", err)
	}
	server := &http.Server{Handler: Handler(s.Faults), ReadHeaderTimeout: 10 * time.Second}
	stop := context.AfterFunc(ctx, func() { _ = server.Close() })
	defer stop()
	if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("control socket: %w", err)
	}
	return nil
}

// Handler lists (GET), orders (POST) and ends (DELETE) faults. Ending one
// without a name ends them all.
func Handler(faults *site.Faults) http.Handler {
	mux := http.NewServeMux()
	list := func(w http.ResponseWriter) {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(faults.List()) // the caller may be gone
	}
	mux.HandleFunc("GET /faults", func(w http.ResponseWriter, _ *http.Request) { list(w) })
	mux.HandleFunc("POST /faults", func(w http.ResponseWriter, r *http.Request) {
		fault, err := decode(r)
		if err == nil {
			err = unknown(fault.Name)
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusUnprocessableEntity)
			return
		}
		faults.Set(fault)
		list(w)
	})
	mux.HandleFunc("DELETE /faults", func(w http.ResponseWriter, r *http.Request) {
		fault, err := decode(r)
		if err == nil && fault.Name != "" {
			err = unknown(fault.Name)
		}
		if err != nil {
			http.Error(w, err.Error(), http.StatusUnprocessableEntity)
			return
		}
		faults.Clear(fault)
		list(w)
	})
	return mux
}

func decode(r *http.Request) (site.Fault, error) {
	var fault site.Fault
	if r.ContentLength == 0 {
		return fault, nil
	}
	if err := json.NewDecoder(r.Body).Decode(&fault); err != nil {
		return fault, fmt.Errorf("body: %w", err)
	}
	return fault, nil
}
