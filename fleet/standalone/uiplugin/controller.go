package uiplugin

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/utils/ptr"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"

	"crofthci.io/croft/pkg/rancher/catalog"
)

const (
	// mostFile and mostFiles bound what an extension may bring.
	mostFile  = 32 << 20
	mostFiles = 2000
	fetchTime = 2 * time.Minute
	// retryAfter is when an endpoint that failed is asked again.
	retryAfter = 30 * time.Second
)

// Options say what the controller works with.
type Options struct {
	// Folder is where fetched files are kept.
	Folder string
	// Trust is an authority that may sign endpoints, beside the system's.
	Trust []byte
}

// Setup adds the controller of UIPlugin objects to a manager.
func Setup(mgr ctrl.Manager, server *Server, o Options) error {
	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool()
	}

	pool.AppendCertsFromPEM(o.Trust)

	fetcher := &http.Client{Timeout: fetchTime, Transport: &http.Transport{
		Proxy: http.ProxyFromEnvironment, TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12},
	}}

	err = ctrl.NewControllerManagedBy(mgr).Named("uiplugin").
		For(&catalog.UIPlugin{}).
		WithOptions(controller.Options{SkipNameValidation: ptr.To(true)}).
		Complete(&plugins{cached: mgr.GetClient(), server: server, folder: filepath.Join(o.Folder, "uiplugin"), http: fetcher,
			known: map[string]string{}})
	if err != nil {
		return fmt.Errorf("controller of UI plugins: %w", err)
	}

	return nil
}

// plugins fetches the files of extensions and makes them known. Only one
// Reconcile runs at a time, so known needs no lock.
type plugins struct {
	cached client.Client
	server *Server
	folder string
	http   *http.Client
	// known are the extensions' names by object.
	known map[string]string
}

// Reconcile makes one extension known, or forgets it.
func (p *plugins) Reconcile(ctx context.Context, req ctrl.Request) (ctrl.Result, error) {
	// Rancher serves the plugins of one namespace, where only administrators write.
	if req.Namespace != catalog.UIPluginNamespace {
		return ctrl.Result{}, nil
	}

	plugin := &catalog.UIPlugin{}

	err := p.cached.Get(ctx, req.NamespacedName, plugin)
	if apierrors.IsNotFound(err) || (err == nil && plugin.DeletionTimestamp != nil) {
		p.forget(req.Name)

		return ctrl.Result{}, nil
	}

	if err != nil {
		return ctrl.Result{}, fmt.Errorf("read UI plugin %s: %w", req, err)
	}

	if old := p.known[req.Name]; old != "" && old != plugin.Spec.Plugin.Name {
		p.forget(req.Name)
	}

	folder, err := p.fetch(ctx, &plugin.Spec.Plugin)
	if err != nil {
		return ctrl.Result{RequeueAfter: retryAfter}, p.show(ctx, plugin, catalog.CachePending, err.Error())
	}

	spec := plugin.Spec.Plugin
	if spec.Metadata == nil {
		spec.Metadata = map[string]string{}
	}

	p.known[req.Name] = spec.Name
	p.server.put(source{files: os.DirFS(folder), entry: Entry{
		Name: spec.Name, Version: spec.Version, Endpoint: spec.Endpoint, CompressedEndpoint: spec.CompressedEndpoint,
		NoAuth: spec.NoAuth, Metadata: spec.Metadata,
	}})

	return ctrl.Result{}, p.show(ctx, plugin, catalog.CacheCached, "")
}

func (p *plugins) forget(object string) {
	if name := p.known[object]; name != "" {
		p.server.drop(name)
		delete(p.known, object)
	}
}

func (p *plugins) show(ctx context.Context, plugin *catalog.UIPlugin, state, trouble string) error {
	if plugin.Status.CacheState == state && plugin.Status.Error == trouble {
		return nil
	}

	before := plugin.DeepCopy()
	plugin.Status.CacheState, plugin.Status.Error = state, trouble

	return p.cached.Status().Patch(ctx, plugin, client.MergeFrom(before))
}

// fetch brings the files of an extension into a folder, as a whole or not at all.
func (p *plugins) fetch(ctx context.Context, entry *catalog.UIPluginEntry) (string, error) {
	if !isName(entry.Name) || !isName(entry.Version) {
		return "", fmt.Errorf("spec.plugin.name %q or spec.plugin.version %q cannot be a file's name", entry.Name, entry.Version)
	}

	folder := filepath.Join(p.folder, entry.Name, entry.Version)
	if _, err := os.Stat(folder); err == nil {
		return folder, nil
	}

	if entry.Endpoint == "" {
		return "", errors.New("spec.plugin.endpoint is missing")
	}

	if err := os.MkdirAll(p.folder, 0o755); err != nil {
		return "", fmt.Errorf("folder for extensions: %w", err)
	}

	temporary, err := os.MkdirTemp(p.folder, "fetch-")
	if err != nil {
		return "", fmt.Errorf("folder for extensions: %w", err)
	}
	defer os.RemoveAll(temporary)

	if err := p.fetchAll(ctx, entry, temporary); err != nil {
		return "", err
	}

	if err := os.MkdirAll(filepath.Dir(folder), 0o755); err != nil {
		return "", fmt.Errorf("folder for extensions: %w", err)
	}

	if err := os.Rename(temporary, folder); err != nil {
		return "", fmt.Errorf("keep the extension's files: %w", err)
	}

	return folder, os.Chmod(folder, 0o755) //nolint:gosec // a folder of public files.
}

func (p *plugins) fetchAll(ctx context.Context, entry *catalog.UIPluginEntry, folder string) error {
	list, err := p.get(ctx, entry.Endpoint, "files.txt")
	if err != nil {
		return err
	}

	lines, count := bufio.NewScanner(bytes.NewReader(list)), 0

	for lines.Scan() {
		name := strings.TrimPrefix(path.Clean("/"+strings.TrimSpace(lines.Text())), "/")
		if name == "" {
			continue
		}

		if count++; count > mostFiles {
			return fmt.Errorf("the extension has more than %d files", mostFiles)
		}

		content, err := p.get(ctx, entry.Endpoint, name)
		if err != nil {
			return err
		}

		target := filepath.Join(folder, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
			return fmt.Errorf("keep %s: %w", name, err)
		}

		if err := os.WriteFile(target, content, 0o644); err != nil { //nolint:gosec // public files.
			return fmt.Errorf("keep %s: %w", name, err)
		}
	}

	found, err := ReadPackage(os.DirFS(filepath.Join(folder, "plugin")))
	if err != nil {
		return err
	}

	if found.Name != entry.Name || found.Version != entry.Version {
		return fmt.Errorf("the endpoint has %s %s, but the object says %s %s", found.Name, found.Version, entry.Name, entry.Version)
	}

	return nil
}

func (p *plugins) get(ctx context.Context, endpoint, name string) ([]byte, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, strings.TrimSuffix(endpoint, "/")+"/"+name, nil)
	if err != nil {
		return nil, fmt.Errorf("spec.plugin.endpoint: %w", err)
	}

	resp, err := p.http.Do(req)
	if err != nil {
		return nil, fmt.Errorf("fetch %s: %w", name, err)
	}
	defer resp.Body.Close()

	if resp.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("fetch %s: %s", name, resp.Status)
	}

	content, err := io.ReadAll(io.LimitReader(resp.Body, mostFile+1))
	if err != nil {
		return nil, fmt.Errorf("fetch %s: %w", name, err)
	}

	if len(content) > mostFile {
		return nil, fmt.Errorf("fetch %s: it has more than %d bytes", name, mostFile)
	}

	return content, nil
}

func isName(s string) bool {
	return s != "" && s != "." && s != ".." && !strings.ContainsAny(s, `/\`)
}
