package longhorn

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/pkg/longhorn"
)

// ServeHTTP is the part of the manager's API that takes and gives bytes. It asks nobody who he is, as Longhorn's does not.
func (m *Manager) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name, found := strings.CutPrefix(r.URL.Path, "/v1/backingimages/")
	var err error
	switch name, download := strings.CutSuffix(name, "/download"); {
	case found && download && r.Method == http.MethodGet:
		err = m.give(w, r, name)
	case found && !download && r.Method == http.MethodPost && r.URL.Query().Get("action") == "upload":
		err = m.take(r, name)
	default:
		http.NotFound(w, r)
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
	}
}

// give answers with the file of an image.
func (m *Manager) give(w http.ResponseWriter, r *http.Request, name string) error {
	image, err := m.get(r.Context(), name)
	if err != nil {
		return err
	}
	if !longhorn.StateOf(image).Done {
		return fmt.Errorf("failed to find a default backing image manager for backing image %s download", name)
	}
	kept, err := os.Open(filepath.Join(m.Dir, filepath.Base(name), "file"))
	if err != nil {
		return err
	}
	defer kept.Close()
	w.Header().Set("Content-Type", "application/octet-stream")
	w.Header().Set("Content-Length", strconv.FormatInt(image.Status.Size, 10))
	_, _ = io.Copy(w, kept) // whoever goes away gets no answer
	return nil
}

// take takes the file of an image that waits for it.
func (m *Manager) take(r *http.Request, name string) error {
	size, err := strconv.ParseInt(r.URL.Query().Get("size"), 10, 64)
	if err != nil {
		return err
	}
	if size%longhorn.SectorBytes != 0 {
		return fmt.Errorf("the uploaded file size %d should be a multiple of %d bytes since Longhorn uses directIO by default", size, longhorn.SectorBytes)
	}
	image, err := m.get(r.Context(), name)
	if err != nil {
		return err
	}
	if !longhorn.StateOf(image).Waits {
		return fmt.Errorf("upload server for backing image %s has not been initiated", name)
	}
	parts, err := r.MultipartReader()
	if err != nil {
		return err
	}
	part, err := parts.NextPart()
	for ; err == nil && part.FormName() != "chunk"; part, err = parts.NextPart() {
		continue
	}
	if err != nil {
		return fmt.Errorf("cannot get the uploaded data since the upload request doesn't contain form 'chunk': %w", err)
	}
	done := make(chan error, 1)
	began := m.begin(context.WithoutCancel(r.Context()), image.UID, func(ctx context.Context) {
		err := m.keep(ctx, image, part, size)
		m.conclude(ctx, image, err)
		done <- err
	})
	if !began {
		return errors.New("another upload is under way")
	}
	return <-done
}

func (m *Manager) get(ctx context.Context, name string) (*longhorn.BackingImage, error) {
	image := &longhorn.BackingImage{}
	if err := m.Client.Get(ctx, client.ObjectKey{Namespace: longhorn.Namespace, Name: name}, image); err != nil {
		return nil, fmt.Errorf("error getting backing image %s: %w", name, err)
	}
	return image, nil
}
