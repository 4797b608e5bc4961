package main

import (
	"errors"
	"os"
	"path/filepath"

	"crofthci.io/croft/test/controlplane"
)

// Run starts a sandbox. Its fields are the command line.
type Run struct {
	Sites     int      `help:"Number of sites." default:"2"`
	Nodes     int      `help:"Number of nodes of each site." default:"3"`
	Dir       string   `help:"Directory of the sandbox's data, logs and kubeconfigs." default:".sandbox" type:"path"`
	Bin       string   `help:"Directory of croft-fleet, croft-backend and croft-site, as made by make build." default:"bin" type:"path"`
	Charts    string   `help:"Directory of the charts croft-crd and croft-backend." default:"charts" type:"path"`
	Dashboard string   `help:"Directory of the built Rancher Dashboard; empty means dashboard in the cache." type:"path"`
	Extension string   `help:"Directory of the built extension; empty means the one below extension/dist-pkg." type:"path"`
	Password  string   `help:"Password of the user admin: the first one, or the one it was changed to; empty means one made at random, or the known one." env:"CROFT_PASSWORD"`
	Only      []string `help:"Start only these parts: hub, sites. For work on one of them." enum:"hub,sites" default:"hub,sites"`
	Simulate  bool     `help:"Run without QEMU: every machine is a simulated state. Images still need qemu-img."`
	Build     bool     `help:"Build what is missing, by the Makefile, and start each part as soon as it is there."`
	Command   []string `arg:"" optional:"" passthrough:"" help:"Command to run once everything is up; the sandbox ends with it, and with its exit code."`
}

func (r *Run) dashboard() string {
	if r.Dashboard != "" {
		return r.Dashboard
	}
	return filepath.Join(controlplane.CacheDir(), "dashboard")
}

// driver is where `make driver` puts the node driver, which the hub serves.
func (r *Run) driver() string { return filepath.Join(r.Bin, "driver") }

// extension is the built extension; its directory is named for its version.
func (r *Run) extension() (string, error) {
	if r.Extension != "" {
		return r.Extension, nil
	}
	built, err := filepath.Glob("extension/dist-pkg/croft-*/package.json")
	if err != nil || len(built) == 0 {
		return "", errors.New("no built extension in extension/dist-pkg; run `make page`")
	}
	return filepath.Abs(filepath.Dir(built[len(built)-1]))
}

// guests is where `make guests` puts images.
func (r *Run) guests() string { return filepath.Join(controlplane.CacheDir(), "guests") }

// isolate drops what would lead a program to a cluster of the user's.
func isolate() {
	for _, name := range []string{"KUBECONFIG", "KUBERNETES_SERVICE_HOST", "KUBERNETES_SERVICE_PORT"} {
		os.Unsetenv(name)
	}
}
