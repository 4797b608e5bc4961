package guest

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"github.com/kdomanski/iso9660"
)

// WriteISO makes a disc with files on it: an ISO 9660 image of a volume label.
func WriteISO(path, label string, files map[string][]byte) error {
	w, err := iso9660.NewWriter()
	if err != nil {
		return fmt.Errorf("disc %s: %w", path, err)
	}
	defer func() { _ = w.Cleanup() }() // only temporary files
	for _, name := range slices.Sorted(maps.Keys(files)) {
		if err := w.AddFile(bytes.NewReader(files[name]), name); err != nil {
			return fmt.Errorf("disc %s: file %s: %w", path, name, err)
		}
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("disc %s: %w", path, err)
	}
	f, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("disc %s: %w", path, err)
	}
	if err := w.WriteTo(f, label); err != nil {
		_ = f.Close()
		return fmt.Errorf("disc %s: %w", path, err)
	}
	return f.Close()
}
