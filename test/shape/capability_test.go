package shape

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// capabilities reads THE list: the packages that backend/capabilities.go names.
func capabilities(t *testing.T) []string {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), filepath.Join(root(t), "backend", "capabilities.go"), nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	ast.Inspect(file, func(n ast.Node) bool {
		selector, is := n.(*ast.SelectorExpr)
		if !is || selector.Sel.Name != "Capability" {
			return true
		}
		if name, is := selector.X.(*ast.Ident); is && name.Name != "capability" {
			names = append(names, name.Name)
		}
		return true
	})
	if len(names) == 0 {
		t.Fatal("backend/capabilities.go names no capability")
	}
	return names
}

// TestEveryCapabilityHasItsParts holds that a word is the same on every floor.
func TestEveryCapabilityHasItsParts(t *testing.T) {
	for _, name := range capabilities(t) {
		for _, part := range []string{
			"backend/" + name + "/README.md",
			"extension/pkg/croft/" + name,
			"test/e2e/" + name,
		} {
			if _, err := os.Stat(filepath.Join(root(t), part)); err != nil {
				t.Errorf("capability %s lacks %s", name, part)
			}
		}
	}
}

// TestEveryCapabilityHasItsPage holds that the page says what a reader looks for.
func TestEveryCapabilityHasItsPage(t *testing.T) {
	for _, name := range capabilities(t) {
		page, err := os.ReadFile(filepath.Join(root(t), "backend", name, "README.md"))
		if err != nil {
			t.Error(err)
			continue
		}
		for _, heading := range []string{"## Example", "## Working with it", "## Status"} {
			if !strings.Contains(string(page), heading) {
				t.Errorf("backend/%s/README.md has no %q", name, heading)
			}
		}
	}
}
