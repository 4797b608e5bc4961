// Package dashboard serves the built Rancher Dashboard from a folder: files as
// they are, hashed ones for ever, the page itself for every path that is a route
// of the page. It knows no API. Begin reading at Handler.
package dashboard

import (
	"io/fs"
	"mime"
	"net/http"
	"os"
	"path"
	"regexp"
	"strings"
)

// Prefix is where the dashboard is.
const Prefix = "/dashboard/"

const index = "index.html"

// hashed are the names that a build makes from a file's content.
var hashed = regexp.MustCompile(`[.-][0-9a-fA-F]{8,}\.(js|css|map|woff2?|ttf|eot|svg|png|jpe?g|gif|ico|wasm)$`)

// Handler serves a folder with a built dashboard; files beside which lies a .gz
// are sent compressed to whoever takes that.
func Handler(folder string) http.Handler {
	if folder == "" {
		return http.HandlerFunc(func(rw http.ResponseWriter, _ *http.Request) {
			http.Error(rw, "this server was started without --dashboard-dir, so it has an API but no page", http.StatusNotFound)
		})
	}

	root := os.DirFS(folder)

	return http.StripPrefix(strings.TrimSuffix(Prefix, "/"), http.HandlerFunc(func(rw http.ResponseWriter, req *http.Request) {
		if req.Method != http.MethodGet && req.Method != http.MethodHead {
			rw.Header().Set("Allow", "GET, HEAD")
			http.Error(rw, "only GET and HEAD", http.StatusMethodNotAllowed)

			return
		}

		protect(rw)
		serve(rw, req, root, strings.TrimPrefix(path.Clean(req.URL.Path), "/"))
	}))
}

func serve(rw http.ResponseWriter, req *http.Request, root fs.FS, name string) {
	if !isFile(root, name) {
		// A missing script must not be answered with a page: the browser would run it.
		if strings.Contains(path.Base(name), ".") && strings.HasPrefix(req.Header.Get("Sec-Fetch-Dest"), "script") {
			http.NotFound(rw, req)

			return
		}

		name = index
	}

	if !isFile(root, name) {
		http.Error(rw, "the dashboard's folder has no "+index, http.StatusNotFound)

		return
	}

	rw.Header().Set("Cache-Control", cacheFor(name))

	if strings.Contains(req.Header.Get("Accept-Encoding"), "gzip") && isFile(root, name+".gz") {
		rw.Header().Set("Content-Encoding", "gzip")
		rw.Header().Set("Content-Type", typeOf(name))
		rw.Header().Set("Vary", "Accept-Encoding")

		name += ".gz"
	}

	http.ServeFileFS(rw, req, root, name)
}

// protect says what a browser may do with the page: nobody else may frame it.
func protect(rw http.ResponseWriter) {
	rw.Header().Set("X-Frame-Options", "SAMEORIGIN")
	rw.Header().Set("X-Content-Type-Options", "nosniff")
	rw.Header().Set("Referrer-Policy", "same-origin")
}

func cacheFor(name string) string {
	if hashed.MatchString(name) {
		return "public, max-age=31536000, immutable"
	}

	return "no-cache"
}

func typeOf(name string) string {
	if kind := mime.TypeByExtension(path.Ext(name)); kind != "" {
		return kind
	}

	return "application/octet-stream"
}

func isFile(root fs.FS, name string) bool {
	if !fs.ValidPath(name) {
		return false
	}

	info, err := fs.Stat(root, name)

	return err == nil && info.Mode().IsRegular()
}
