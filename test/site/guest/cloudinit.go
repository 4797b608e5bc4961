package guest

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"

	"github.com/kdomanski/iso9660"
)

// CloudInit is what a guest finds on its cloud-init disk.
type CloudInit struct {
	UserData    []byte
	MetaData    []byte
	NetworkData []byte
	// ConfigDrive lays the data out as OpenStack does, else it is NoCloud.
	ConfigDrive bool
}

// WriteISO makes the disk of a guest: an ISO 9660 image with the volume label
// and the files that cloud-init looks for.
func (c CloudInit) WriteISO(path string) error {
	w, err := iso9660.NewWriter()
	if err != nil {
		return fmt.Errorf("cloud-init disk %s: %w", path, err)
	}
	defer func() { _ = w.Cleanup() }() // only temporary files
	for _, file := range []struct {
		name string
		data []byte
		must bool
	}{
		{c.name("user-data", "user_data"), c.UserData, true},
		{c.name("meta-data", "meta_data.json"), c.MetaData, true},
		{c.name("network-config", "network_data.json"), c.NetworkData, false},
	} {
		if len(file.data) == 0 && !file.must {
			continue
		}
		if err := w.AddFile(bytes.NewReader(file.data), file.name); err != nil {
			return fmt.Errorf("cloud-init disk %s: file %s: %w", path, file.name, err)
		}
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return fmt.Errorf("cloud-init disk %s: %w", path, err)
	}
	f, err := os.Create(path)
	if err != nil {
		return fmt.Errorf("cloud-init disk %s: %w", path, err)
	}
	if err := w.WriteTo(f, c.label()); err != nil {
		_ = f.Close()
		return fmt.Errorf("cloud-init disk %s: %w", path, err)
	}
	return f.Close()
}

func (c CloudInit) label() string {
	if c.ConfigDrive {
		return "config-2"
	}
	return "CIDATA"
}

func (c CloudInit) name(noCloud, configDrive string) string {
	if c.ConfigDrive {
		return "openstack/latest/" + configDrive
	}
	return noCloud
}
