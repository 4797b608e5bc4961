package peer

import (
	"fmt"
	"path/filepath"
)

// builtPage is the folder of the built extension.
func builtPage(root string) (string, error) {
	found, err := filepath.Glob(filepath.Join(root, "extension", "dist-pkg", "croft-*", "files.txt"))
	if err != nil || len(found) == 0 {
		return "", fmt.Errorf("no built extension below %s/extension/dist-pkg; run `make page`", root)
	}
	return filepath.Dir(found[len(found)-1]), nil
}
