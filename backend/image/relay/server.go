package relay

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	validation "k8s.io/apimachinery/pkg/api/validation/path"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/backend/image/source"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/outside"
)

// Prefix is where files are asked for: Prefix, the namespace, the name and the uid of an image.
const Prefix = "/images/"

// Path is where the file of an image is asked for.
func Path(image *harvesterv1.VirtualMachineImage) string {
	return Prefix + image.Namespace + "/" + image.Name + "/" + string(image.UID)
}

// Server hands on the files of images.
type Server struct {
	// Live reads images and settings as they are now.
	Live client.Reader
	// Loopback says that images may be fetched from the loopback addresses of the node that the server runs on.
	Loopback bool
}

// ServeHTTP hands on the file of one image, or a part of it. Answers: 404 for what is no image that waits for its bytes, 502
// when its source does not answer or cannot be asked for the rest.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		http.Error(w, "only GET and HEAD are served here", http.StatusMethodNotAllowed)
		return
	}
	image, err := s.find(r.Context(), r.URL.Path)
	if apierrors.IsNotFound(err) {
		http.NotFound(w, r)
		return
	}
	if err != nil {
		slog.Error("an image is not handed on", "path", r.URL.Path, "error", err)
		http.Error(w, "the image cannot be read", http.StatusInternalServerError)
		return
	}
	stream, err := s.open(r.Context(), image.Spec.URL)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadGateway)
		return
	}
	defer stream.Close()
	w.Header().Set("Content-Type", "application/octet-stream")
	http.ServeContent(w, r, "", time.Time{}, told{stream, image})
}

// find is the image that a path names, when it waits for the bytes of a download.
func (s *Server) find(ctx context.Context, path string) (*harvesterv1.VirtualMachineImage, error) {
	parts := strings.Split(strings.TrimPrefix(path, Prefix), "/")
	none := apierrors.NewNotFound(harvesterv1.VirtualMachineImages.GroupResource(), path)
	if len(parts) != 3 || !strings.HasPrefix(path, Prefix) || !segment(parts[0]) || !segment(parts[1]) {
		return nil, none
	}
	image := &harvesterv1.VirtualMachineImage{}
	if err := s.Live.Get(ctx, types.NamespacedName{Namespace: parts[0], Name: parts[1]}, image); err != nil {
		return nil, err
	}
	if string(image.UID) != parts[2] || image.Spec.SourceType != harvesterv1.ImageSourceDownload || image.Ready() {
		return nil, none
	}
	return image, nil
}

// segment says whether a name can be one of an object's.
func segment(name string) bool {
	return name != "" && len(validation.IsValidPathSegmentName(name)) == 0
}

func (s *Server) open(ctx context.Context, url string) (*source.Stream, error) {
	way, err := outside.Find(ctx, s.Live)
	if err != nil {
		return nil, fmt.Errorf("find out how the source is reached: %w", err)
	}
	return source.Open(ctx, source.Client(s.Loopback, way), url)
}

// told logs why a file was not handed on to its end, which HTTP has no word for.
type told struct {
	*source.Stream

	image *harvesterv1.VirtualMachineImage
}

func (t told) Read(into []byte) (int, error) {
	n, err := t.Stream.Read(into)
	if err != nil && !errors.Is(err, io.EOF) && !errors.Is(err, context.Canceled) {
		slog.Warn("an image is not handed on to its end", "image", t.image.Namespace+"/"+t.image.Name, "error", err)
	}
	return n, err
}
