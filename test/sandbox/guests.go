package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"time"

	"crofthci.io/croft/test/controlplane"
)

// serveGuests serves the images of `make guests` over loopback HTTP until ctx
// ends, as an image server on the Internet would.
func serveGuests(ctx context.Context, dir string, port int) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return fmt.Errorf("guest images: %w", err)
	}
	listener, err := net.Listen("tcp", controlplane.Address(port))
	if err != nil {
		return fmt.Errorf("serve guest images: %w", err)
	}
	mux := http.NewServeMux()
	mux.Handle("/guests/", http.StripPrefix("/guests/", http.FileServer(http.Dir(dir))))
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	go func() {
		<-ctx.Done()
		server.Close()
	}()
	go func() {
		if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			fmt.Fprintln(os.Stderr, "croft-sandbox: serve guest images:", err)
		}
	}()
	return nil
}
