// Package nodedriver gives Rancher the program docker-machine-driver-croft, from the hub itself, so that a Rancher without a
// way to the internet has it. It serves the files of a folder and writes their checksum into the NodeDriver that the chart
// has made: reckoned from the very bytes that are served, and declared nowhere else. Nothing is given out before that, so
// that nobody downloads what cannot be checked. The files are public. Begin reading with Program.
package nodedriver

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"sync/atomic"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/client-go/rest"

	"crofthci.io/croft/pkg/rancher/management"
)

// Name is the NodeDriver's, and program the file's: from its name Rancher knows the driver's.
const (
	Name    = "croft"
	program = "docker-machine-driver-" + Name
)

// Prefix is where the programs are served: <Prefix>linux-amd64/docker-machine-driver-croft.
const Prefix = "/driver/"

// platforms are what the program is built for.
var platforms = []string{"linux-amd64", "linux-arm64"}

// Program is the driver for every platform that the folder has it for.
type Program struct {
	// content and sums are by the path at which the program is served.
	content map[string][]byte
	sums    map[string]string
	// Hub is the address of a hub without Rancher, where nobody else makes the NodeDriver; none where the chart does.
	Hub string
	// told says that the NodeDriver has its checksum.
	told atomic.Bool
}

// Read reads the programs of a folder, whole: what is served is what was summed up, also when the file is replaced.
func Read(folder fs.FS) (*Program, error) {
	p := &Program{content: map[string][]byte{}, sums: map[string]string{}}
	for _, platform := range platforms {
		text, err := fs.ReadFile(folder, program+"-"+platform)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		sum := sha256.Sum256(text)
		where := Prefix + platform + "/" + program
		p.content[where], p.sums[where] = text, hex.EncodeToString(sum[:])
	}
	if len(p.content) == 0 {
		return nil, fmt.Errorf("the folder has no %s-%s, so nobody built it", program, strings.Join(platforms, " and no "+program+"-"))
	}
	return p, nil
}

// ServeHTTP gives a program out, once Rancher can check it.
func (p *Program) ServeHTTP(rw http.ResponseWriter, req *http.Request) {
	content, ok := p.content[path.Clean(req.URL.Path)]
	switch {
	case !ok || req.Method != http.MethodGet && req.Method != http.MethodHead:
		http.NotFound(rw, req)
	case !p.told.Load():
		rw.Header().Set("Retry-After", "5")
		http.Error(rw, "The NodeDriver "+Name+" has no checksum yet. Try again.", http.StatusServiceUnavailable)
	default:
		rw.Header().Set("Content-Type", "application/octet-stream")
		rw.Header().Set("X-Content-Type-Options", "nosniff")
		rw.Header().Set("ETag", `"`+p.sums[path.Clean(req.URL.Path)]+`"`)
		http.ServeContent(rw, req, program, time.Time{}, bytes.NewReader(content))
	}
}

// again is how often the NodeDriver is looked at, and sooner how often while it is not right.
const (
	again  = 10 * time.Minute
	sooner = 10 * time.Second
)

// Announce keeps the checksum of the chart's NodeDriver right until the context ends.
func (p *Program) Announce(ctx context.Context, hub *rest.Config, report func(error)) error {
	client, err := rest.HTTPClientFor(hub)
	if err != nil {
		return fmt.Errorf("reach the hub: %w", err)
	}
	config := rest.CopyConfig(hub)
	api, err := rest.UnversionedRESTClientForConfigAndClient(plain(config), client)
	if err != nil {
		return fmt.Errorf("reach the hub: %w", err)
	}
	for ctx.Err() == nil {
		wait := again
		if err := p.announce(ctx, api); err != nil {
			report(fmt.Errorf("give the NodeDriver %s its checksum: %w", Name, err))
			wait = sooner
		}
		if !p.told.Load() {
			wait = sooner
		}
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
	}
	return nil
}

// announce writes the checksum if it is another, and where a hub without Rancher serves the program if that is elsewhere now.
// A NodeDriver whose program comes from elsewhere is left alone.
func (p *Program) announce(ctx context.Context, api rest.Interface) error {
	where := "/apis/" + management.GroupVersion.String() + "/nodedrivers/" + Name
	text, err := api.Get().AbsPath(where).DoRaw(ctx)
	if apierrors.IsNotFound(err) {
		return p.make(ctx, api) // else whoever makes it will want the checksum
	}
	if err != nil {
		return err
	}
	var driver management.NodeDriver
	if err := json.Unmarshal(text, &driver); err != nil {
		return err
	}
	if spec := p.rightOf(driver); spec != driver.Spec {
		change := map[string]any{"spec": map[string]any{"url": spec.URL, "checksum": spec.Checksum}}
		if p.isOwn(driver) {
			change["metadata"] = map[string]any{"labels": map[string]string{labelHub: "true"}}
		}
		patch, err := json.Marshal(change)
		if err != nil {
			return err
		}
		if _, err := api.Patch(mergePatch).AbsPath(where).Body(patch).DoRaw(ctx); err != nil {
			return err
		}
	}
	p.told.Store(true)
	return nil
}

// make makes the NodeDriver where nobody else does.
func (p *Program) make(ctx context.Context, api rest.Interface) error {
	if p.Hub == "" {
		return nil
	}
	where := p.own()
	text, err := json.Marshal(object(p.Hub+where, p.sums[where]))
	if err != nil {
		return err
	}
	_, err = api.Post().AbsPath("/apis/"+management.GroupVersion.String()+"/nodedrivers").SetHeader("Content-Type", "application/json").Body(text).DoRaw(ctx)
	if err == nil {
		p.told.Store(true)
	}
	return err
}

// rightOf is what a NodeDriver should say: the checksum of what its address leads to, and for one that this hub has made the
// hub's address of now, which changes with its port. One that leads elsewhere is right.
func (p *Program) rightOf(driver management.NodeDriver) management.NodeDriverSpec {
	spec := driver.Spec
	for where, sum := range p.sums {
		if !strings.HasSuffix(spec.URL, where) {
			continue
		}
		spec.Checksum = sum
		if p.isOwn(driver) {
			spec.URL = p.Hub + where
		}
	}
	return spec
}
