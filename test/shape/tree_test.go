package shape

import (
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "crofthci.io/croft"

// aPackage is what `go list` tells of a package.
type aPackage struct {
	Dir, ImportPath, Name, Doc         string
	Imports, TestImports, XTestImports []string
	GoFiles, TestGoFiles, XTestGoFiles []string
}

// path is the package's folder in the tree, "" for the root.
func (p aPackage) path() string {
	return strings.TrimPrefix(strings.TrimPrefix(p.ImportPath, module), "/")
}

// tree lists the packages of the product's module.
func tree(t *testing.T) []aPackage {
	t.Helper()
	list := exec.Command("go", "list", "-json=Dir,ImportPath,Name,Doc,Imports,TestImports,XTestImports,GoFiles,TestGoFiles,XTestGoFiles", "./...")
	list.Dir = root(t)
	out, err := list.Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var packages []aPackage
	for decoder := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p aPackage
		err := decoder.Decode(&p)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		packages = append(packages, p)
	}
	if len(packages) < 20 {
		t.Fatalf("go list found %d packages: the tree has more", len(packages))
	}
	return packages
}

// root is the folder of the whole tree.
func root(t *testing.T) string {
	t.Helper()
	up, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	return up
}

func TestEveryPackageHasAParagraph(t *testing.T) {
	for _, p := range tree(t) {
		if len(p.GoFiles) == 0 {
			continue // a folder of tests alone
		}
		if len(strings.Fields(p.Doc)) < 6 {
			t.Errorf("%s: its package comment says %q: say what it is, what it is not, where to begin", p.path(), p.Doc)
		}
	}
}

func TestNoNameSaysNothing(t *testing.T) {
	empty := []string{"util", "utils", "common", "helper", "helpers", "misc", "base", "types"}
	for _, p := range tree(t) {
		if slices.Contains(empty, p.Name) {
			t.Errorf("%s: a package named %s says nothing of what is in it", p.path(), p.Name)
		}
	}
}
