// Package extension gives the built page to a Rancher: the files that
// extension/scripts/extension.sh wrote, on the paths on which Rancher fetches
// what a UIPlugin names. Rancher fetches them once, keeps them and serves them to
// browsers itself, so nothing here asks who it is: the files are public. It is
// not the hub without Rancher, whose page comes from standalone/uiplugin. Begin
// reading at Handler.
package extension

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/http"
	"path"
	"strings"
	"time"
)

const (
	// list is the file that names all others, as plugin/<name>.
	list = "files.txt"
	// readTime and stopTime bound what a slow client costs.
	readTime = 10 * time.Second
	stopTime = 5 * time.Second
)

// Handler serves GET /files.txt and what it lists, which is plugin/<name> for the
// file <name> of the folder. Everything else is 404.
// See https://extensions.rancher.io/extensions/publishing on the layout.
func Handler(folder fs.FS) (http.Handler, error) {
	listed, err := fs.ReadFile(folder, list)
	if err != nil {
		return nil, fmt.Errorf("the folder of the extension has no %s, so nobody built it: %w", list, err)
	}

	names := map[string]string{"/" + list: list}

	for _, name := range strings.Fields(string(listed)) {
		file := strings.TrimPrefix(name, "plugin/")
		if info, err := fs.Stat(folder, file); err != nil || !info.Mode().IsRegular() || path.Clean(name) != name {
			return nil, fmt.Errorf("%s names %s, which is no file of the extension's folder", list, name)
		}

		names["/"+name] = file
	}

	return http.HandlerFunc(func(rw http.ResponseWriter, req *http.Request) {
		file, ok := names[req.URL.Path]
		if !ok || req.Method != http.MethodGet && req.Method != http.MethodHead {
			http.NotFound(rw, req)

			return
		}

		rw.Header().Set("X-Content-Type-Options", "nosniff")
		http.ServeFileFS(rw, req, folder, file)
	}), nil
}

// Serve answers at an address until the context ends.
func Serve(ctx context.Context, address string, handler http.Handler) error {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return fmt.Errorf("--extension-listen: %w", err)
	}

	server := &http.Server{Handler: handler, ReadTimeout: readTime}
	stopped := make(chan error, 1)

	go func() {
		<-ctx.Done()

		bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTime)
		defer cancel()

		stopped <- server.Shutdown(bounded)
	}()

	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return fmt.Errorf("serve the extension: %w", err)
	}

	return <-stopped
}
