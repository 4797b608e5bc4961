package manager

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/go-logr/logr"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/client-go/rest"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/envtest"

	"crofthci.io/croft/test/controlplane"
)

// Main runs the tests of a package with one API server for all of them, and answers the exit code. The server knows
// Croft's kinds and the given ones. api is set before the first test runs.
func Main(m *testing.M, api **rest.Config, kinds ...*apiextensionsv1.CustomResourceDefinition) int {
	ctrl.SetLogger(logr.Discard()) // tests ask the API server what happened, not the log
	code, err := run(m, api, kinds)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}

func run(m *testing.M, api **rest.Config, kinds []*apiextensionsv1.CustomResourceDefinition) (int, error) {
	root, err := Root()
	if err != nil {
		return 0, err
	}
	dir, err := os.MkdirTemp("", "croft-test")
	if err != nil {
		return 0, fmt.Errorf("make a directory for the API server: %w", err)
	}
	defer os.RemoveAll(dir)
	served, stop, err := controlplane.ForPackage(dir)
	if err != nil {
		return 0, fmt.Errorf("start an API server: %w", err)
	}
	defer stop()
	charts := []string{filepath.Join(root, "charts", "croft-crd", "templates")}
	if _, err := envtest.InstallCRDs(served, envtest.CRDInstallOptions{Paths: charts, CRDs: kinds}); err != nil {
		return 0, fmt.Errorf("install definitions: %w", err)
	}
	*api = served
	return m.Run(), nil
}

// Root is the directory that go.mod is in.
func Root() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", fmt.Errorf("find the module's root: %w", err)
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", fmt.Errorf("find the module's root: no go.mod above %s", dir)
		}
		dir = parent
	}
}
