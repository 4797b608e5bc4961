package main

import (
	"context"
	"log/slog"
	"net/http"
	"os"

	"k8s.io/client-go/rest"

	"crofthci.io/croft/fleet/nodedriver"
)

// readDriver reads the node driver of a folder. One that is not there is told once: everything else is worth serving
// without it.
func readDriver(folder string, log *slog.Logger) *nodedriver.Program {
	if folder == "" {
		return nil
	}

	program, err := nodedriver.Read(os.DirFS(folder))
	if err != nil {
		log.Warn("The node driver is not served", "--driver-dir", folder, "error", err)

		return nil
	}

	return program
}

// withDriver serves the node driver beside something else.
func withDriver(program *nodedriver.Program, next http.Handler) http.Handler {
	if program == nil {
		return next
	}

	mux := http.NewServeMux()
	mux.Handle(nodedriver.Prefix, program)
	mux.Handle("/", next)

	return mux
}

// publicDriver is the node driver by where the hub without Rancher serves it to everybody.
func publicDriver(program *nodedriver.Program) map[string]http.Handler {
	if program == nil {
		return nil
	}

	return map[string]http.Handler{nodedriver.Prefix: program}
}

// announceDriver lets Rancher know the checksum of what is served.
func announceDriver(ctx context.Context, program *nodedriver.Program, hub *rest.Config, log *slog.Logger) error {
	if program == nil {
		return nil
	}

	return program.Announce(ctx, hub, func(err error) { log.Warn("Rancher cannot fetch the node driver yet", "error", err) })
}
