package guest

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
	files := map[string][]byte{
		c.name("user-data", "user_data"):      c.UserData,
		c.name("meta-data", "meta_data.json"): c.MetaData,
	}
	if len(c.NetworkData) > 0 {
		files[c.name("network-config", "network_data.json")] = c.NetworkData
	}
	return WriteISO(path, c.label(), files)
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
