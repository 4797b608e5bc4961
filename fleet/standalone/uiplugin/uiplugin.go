// Package uiplugin serves the extensions of the dashboard: the index of what
// there is, and the files. Extensions come as catalog.cattle.io/v1 UIPlugin
// objects, whose files are fetched once and kept, and from one folder given at
// start, which `yarn build-pkg` wrote. It looks into no extension beyond its
// package.json. Begin reading at Server.
package uiplugin

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"strings"
	"sync"

	"crofthci.io/croft/fleet/standalone/answer"
	"crofthci.io/croft/fleet/standalone/session"
)

// Prefix is where extensions are.
const Prefix = "/v1/uiplugins"

// Entry is one extension in the index.
type Entry struct {
	// Name is the extension's name in its package.json.
	Name string `json:"name"`
	// Version is the extension's version in its package.json.
	Version string `json:"version"`
	// Endpoint is where the files come from.
	Endpoint string `json:"endpoint"`
	// CompressedEndpoint is where they come from in one piece.
	CompressedEndpoint string `json:"compressedEndpoint"`
	// NoCache asks for the files to be fetched each time.
	NoCache bool `json:"noCache"`
	// NoAuth lets the extension load before anybody logged in.
	NoAuth bool `json:"noAuth"`
	// Metadata are the annotations that the dashboard checks.
	Metadata map[string]string `json:"metadata"`
}

// source is an extension and its files.
type source struct {
	entry Entry
	files fs.FS
	// builtin wins over an object of the same name: it came with this server.
	builtin bool
}

// Server knows the extensions.
type Server struct {
	mutex   sync.RWMutex
	sources map[string]source
}

// Register puts the server's paths into a mux.
func (s *Server) Register(mux *http.ServeMux) {
	mux.HandleFunc("GET "+Prefix, s.index)
	mux.HandleFunc("GET "+Prefix+"/{$}", s.index)
	mux.HandleFunc("GET "+Prefix+"/{name}/{version}/{rest...}", s.file)
}

// AddFolder makes the extension in a folder known: dist-pkg/<name>-<version>.
func (s *Server) AddFolder(folder string) error {
	entry, err := ReadPackage(os.DirFS(folder))
	if err != nil {
		return fmt.Errorf("extension in %s: %w", filepath.Base(folder), err)
	}

	// The dashboard refuses an extension without an endpoint, though it never asks there.
	entry.Endpoint = Prefix + "/" + entry.Name + "/" + entry.Version

	s.put(source{entry: entry, files: os.DirFS(folder), builtin: true})

	return nil
}

func (s *Server) put(have source) {
	s.mutex.Lock()
	defer s.mutex.Unlock()

	if s.sources == nil {
		s.sources = map[string]source{}
	}

	if old, ok := s.sources[have.entry.Name]; ok && old.builtin && !have.builtin {
		return
	}

	s.sources[have.entry.Name] = have
}

func (s *Server) drop(name string) {
	s.mutex.Lock()
	defer s.mutex.Unlock()

	if !s.sources[name].builtin {
		delete(s.sources, name)
	}
}

// index lists the extensions; before the login only those that ask for it.
func (s *Server) index(rw http.ResponseWriter, req *http.Request) {
	loggedIn := session.UserFrom(req.Context()) != nil
	entries := map[string]Entry{}

	s.mutex.RLock()
	for name, have := range s.sources {
		if loggedIn || have.entry.NoAuth {
			entries[name] = have.entry
		}
	}
	s.mutex.RUnlock()

	rw.Header().Set("Cache-Control", "no-store")
	answer.JSON(rw, http.StatusOK, map[string]any{"entries": entries})
}

// file serves one file of an extension. What the index names as main is at
// plugin/<name>-<version>.umd.min.js, whatever folder the files lie in.
func (s *Server) file(rw http.ResponseWriter, req *http.Request) {
	s.mutex.RLock()
	have, ok := s.sources[req.PathValue("name")]
	s.mutex.RUnlock()

	if !ok || have.entry.Version != req.PathValue("version") {
		answer.Error(rw, http.StatusNotFound, "NotFound", "there is no such extension, or not in this version")

		return
	}

	if !have.entry.NoAuth && session.UserFrom(req.Context()) == nil {
		answer.Error(rw, http.StatusUnauthorized, "Unauthorized", "must authenticate")

		return
	}

	name := strings.TrimPrefix(path.Clean("/"+req.PathValue("rest")), "/")
	if have.builtin {
		name = strings.TrimPrefix(name, "plugin/")
	}

	info, err := fs.Stat(have.files, name)
	if err != nil || !info.Mode().IsRegular() {
		answer.Error(rw, http.StatusNotFound, "NotFound", "the extension has no such file")

		return
	}

	rw.Header().Set("X-Content-Type-Options", "nosniff")
	// A folder can be built again under the same version while people work on it.
	rw.Header().Set("Cache-Control", "no-cache")

	if have.builtin && strings.Contains(req.Header.Get("Accept-Encoding"), "gzip") {
		if _, err := fs.Stat(have.files, name+".gz"); err == nil {
			rw.Header().Set("Content-Encoding", "gzip")
			rw.Header().Set("Content-Type", "text/javascript; charset=utf-8")

			name += ".gz"
		}
	}

	http.ServeFileFS(rw, req, have.files, name)
}

// ReadPackage reads the name, the version and the annotations of an extension.
func ReadPackage(files fs.FS) (Entry, error) {
	content, err := fs.ReadFile(files, "package.json")
	if err != nil {
		return Entry{}, fmt.Errorf("read package.json: %w", err)
	}

	var found struct {
		Name    string `json:"name"`
		Version string `json:"version"`
		Main    string `json:"main"`
		NoAuth  bool   `json:"noAuth"`
		Rancher struct {
			Annotations map[string]string `json:"annotations"`
		} `json:"rancher"`
	}
	if err := json.Unmarshal(content, &found); err != nil {
		// Older extensions say "rancher": true and have no annotations.
		return Entry{}, fmt.Errorf("read package.json: %w", err)
	}

	if found.Name == "" || found.Version == "" {
		return Entry{}, errors.New("package.json has no name or no version")
	}

	entry := Entry{Name: found.Name, Version: found.Version, NoAuth: found.NoAuth, Metadata: found.Rancher.Annotations}
	if entry.Metadata == nil {
		entry.Metadata = map[string]string{}
	}

	return entry, nil
}
