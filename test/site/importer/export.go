package importer

import (
	"compress/gzip"
	"context"
	"crypto/subtle"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
)

// exportLabel marks the pods of KubeVirt's exports.
const exportLabel = "kubevirt.io.virt-export-service"

// How an export's pod is told what to serve, and by what its clients show that they may have it.
const (
	exportPath   = "_EXPORT_PATH"
	exportRaw    = "_EXPORT_RAW_URI"
	exportGzip   = "_EXPORT_RAW_GZIP_URI"
	exportToken  = "X-Kubevirt-Export-Token"
	exportTokenQ = "x-kubevirt-export-token"
)

func isExporter(pod *corev1.Pod) bool {
	_, exports := pod.Labels[exportLabel]
	return exports
}

// serveExport is KubeVirt's export server: it gives the bytes of volumes, as they are or packed by gzip, to those who show
// the token. It ends at its deadline, or with its pod.
func serveExport(ctx context.Context, w *worker) (string, error) {
	token, certificate, err := w.exportSecrets(ctx)
	if err != nil {
		return "", err
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/exportready", func(out http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(out, "OK") })
	if err := w.offer(ctx, mux, token); err != nil {
		return "", err
	}
	listener, err := net.Listen("tcp", netip.AddrPortFrom(w.address, port).String())
	if err != nil {
		return "", fmt.Errorf("listen for exports: %w", err)
	}
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	defer server.Close()
	secure := tls.NewListener(listener, &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS12})
	go func() { _ = server.Serve(secure) }() // it always ends with an error: closed
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
		return "", nil
	}
}

// exportSecrets waits for what a kubelet would mount: it starts no pod before its secrets are there.
func (w *worker) exportSecrets(ctx context.Context) (token string, certificate tls.Certificate, err error) {
	for {
		var files map[string][]byte
		if files, err = w.mounted(ctx, "/token"); err == nil {
			token = string(files["token"])
			files, err = w.mounted(ctx, "/cert")
		}
		if err == nil {
			certificate, err = tls.X509KeyPair(files["tls.crt"], files["tls.key"])
			return token, certificate, err
		}
		if err := pause(ctx, sayAgain); err != nil {
			return "", tls.Certificate{}, err
		}
	}
}

// offer serves every volume of the pod at the paths that its variables name.
func (w *worker) offer(ctx context.Context, mux *http.ServeMux, token string) error {
	for _, v := range w.pod.Spec.Containers[0].Env {
		prefix, is := strings.CutSuffix(v.Name, exportPath)
		if !is {
			continue
		}
		disk, err := w.diskAt(ctx, v.Value)
		if err != nil {
			return err
		}
		for suffix, serve := range map[string]func(http.ResponseWriter, *http.Request, *os.File){exportRaw: serveRaw, exportGzip: serveGzip} {
			if at := w.set(prefix + suffix); at != "" {
				mux.HandleFunc(at, guarded(token, disk, serve))
			}
		}
	}
	return nil
}

// diskAt is the file of the volume that the pod has at a path.
func (w *worker) diskAt(ctx context.Context, path string) (*disk, error) {
	for _, device := range w.pod.Spec.Containers[0].VolumeDevices {
		if device.DevicePath == path {
			return w.diskOf(ctx, device.Name)
		}
	}
	for _, mount := range w.pod.Spec.Containers[0].VolumeMounts {
		if mount.MountPath == path {
			return w.diskOf(ctx, mount.Name)
		}
	}
	return nil, errors.New("the pod has no volume at " + path)
}

// guarded lets in who shows the token, in a header or in the query.
func guarded(token string, from *disk, serve func(http.ResponseWriter, *http.Request, *os.File)) http.HandlerFunc {
	return func(out http.ResponseWriter, r *http.Request) {
		shown := r.Header.Get(exportToken)
		if shown == "" {
			shown = r.URL.Query().Get(exportTokenQ)
		}
		if subtle.ConstantTimeCompare([]byte(shown), []byte(token)) == 0 {
			out.WriteHeader(http.StatusUnauthorized)
			return
		}
		file, err := os.Open(from.path)
		if err != nil {
			out.WriteHeader(http.StatusInternalServerError)
			return
		}
		defer file.Close()
		serve(out, r, file)
	}
}

func serveRaw(out http.ResponseWriter, r *http.Request, file *os.File) {
	http.ServeContent(out, r, "disk.img", time.Time{}, file)
}

func serveGzip(out http.ResponseWriter, r *http.Request, file *os.File) {
	if r.Method != http.MethodGet {
		out.WriteHeader(http.StatusBadRequest)
		return
	}
	packed := gzip.NewWriter(out)
	_, _ = io.Copy(packed, file) // a client that is gone wants no more
	_ = packed.Close()
}
