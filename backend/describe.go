package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"crofthci.io/croft/backend/capability"
	"crofthci.io/croft/backend/capability/describe"
)

//go:generate go run . describe --root=..

// describeCommand writes what the capabilities declare into the pages and the TypeScript that are made of it.
type describeCommand struct {
	Root string `default:"." help:"The folder of the repository." placeholder:"DIR" type:"path"`
}

// Run writes the files.
func (c describeCommand) Run() error {
	files, err := described(c.Root)
	if err != nil {
		return err
	}
	for path, text := range files {
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			return fmt.Errorf("write what the capabilities declare: %w", err)
		}
	}
	return nil
}

// described are the files with what the capabilities declare, by path: the page of every capability that has actions,
// and the module of the web pages.
func described(root string) (map[string]string, error) {
	files := map[string]string{
		filepath.Join(root, "extension", "pkg", "croft", "api", "actions.generated.ts"): describe.TypeScript(capabilities),
	}
	for _, c := range capabilities {
		if !slices.ContainsFunc(c.Resources, acted) {
			continue
		}
		path := filepath.Join(root, "backend", c.Name, "README.md")
		text, err := os.ReadFile(path)
		if err != nil {
			return nil, fmt.Errorf("read the page of %s: %w", c.Name, err)
		}
		if files[path], err = describe.Page(string(text), c); err != nil {
			return nil, err
		}
	}
	return files, nil
}

// acted says whether something can be done with a kind.
func acted(resource capability.Resource) bool {
	return len(resource.Actions)+len(resource.Collective) > 0
}
