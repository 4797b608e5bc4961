package driver

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"sigs.k8s.io/yaml"
)

// cloudConfig begins user data that can be merged.
const cloudConfig = "#cloud-config"

// mostSeed is how long user data may be. A secret holds a MiB.
const mostSeed = 512 << 10

// readSeed merges what the user tells cloud-init with what rancher-machine does, and adds how to log in.
func (p *plan) readSeed(seed Seed, login Login, wrong *problems) {
	if seed.GuestOS != "" && seed.GuestOS != "linux" && seed.GuestOS != "windows" {
		wrong.add("guest-os", "must be linux or windows")
	}
	own := cloudConfigOf("user-data", plain(seed.UserData), wrong)
	added := cloudConfigOf("user-data-file", fileOf(seed.UserDataFile, wrong), wrong)
	p.userData = merge(own, added)
	if login.SSHPassword != "" {
		p.userData = merge(p.userData, map[string]any{
			"password": login.SSHPassword, "chpasswd": map[string]any{"expire": false}, "ssh_pwauth": true,
		})
	}
	p.networkData = plain(seed.NetworkData)
	if p.networkData == "" {
		return
	}
	var network struct {
		Version int `json:"version"`
		Network *struct {
			Version int `json:"version"`
		} `json:"network"`
	}
	err := yaml.Unmarshal([]byte(p.networkData), &network)
	version := network.Version
	if network.Network != nil {
		version = network.Network.Version
	}
	if err != nil || version != 1 && version != 2 || len(p.networkData) > mostSeed {
		wrong.add("network-data", "must be cloud-init's network configuration, YAML with version: 1 or 2")
	}
}

// fileOf is the content of the file that rancher-machine has written. It must be a file, and not a device or a pipe that
// would never end; what is in it is never told.
func fileOf(path string, wrong *problems) string {
	if path == "" {
		return ""
	}
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() || info.Size() > mostSeed {
		wrong.add("user-data-file", "must name a file of at most %d KiB", mostSeed>>10)
		return ""
	}
	content, err := os.ReadFile(path)
	if err != nil {
		wrong.add("user-data-file", "names a file that cannot be read")
	}
	return string(content)
}

// cloudConfigOf reads user data. What is in it is never told.
func cloudConfigOf(flag, text string, wrong *problems) map[string]any {
	config := map[string]any{}
	if strings.TrimSpace(text) == "" {
		return config
	}
	first, _, _ := strings.Cut(text, "\n")
	if strings.TrimSpace(first) != cloudConfig || len(text) > mostSeed {
		wrong.add(flag, "must begin with a line #cloud-config and have at most %d KiB: scripts go into runcmd", mostSeed>>10)
		return config
	}
	if err := yaml.Unmarshal([]byte(text), &config); err != nil {
		wrong.add(flag, "is no YAML with keys")
	}
	if config == nil {
		config = map[string]any{}
	}
	return config
}

// merge lays one configuration over another. Lists are put behind each other, objects merged; of two other values the
// later one stays, because the machine's name and its password are not the user data's to choose.
func merge(under, over map[string]any) map[string]any {
	merged := maps.Clone(under)
	for key, value := range over {
		switch value := value.(type) {
		case []any:
			if list, is := merged[key].([]any); is {
				merged[key] = slices.Concat(list, value)
				continue
			}
		case map[string]any:
			if object, is := merged[key].(map[string]any); is {
				merged[key] = merge(object, value)
				continue
			}
		}
		merged[key] = value
	}
	return merged
}

// seedWith is the user data with the keys that may log in.
func (p *plan) seedWith(keys []string) (string, error) {
	list := make([]any, len(keys))
	for i, key := range keys {
		list[i] = key
	}
	config := p.userData
	if len(list) > 0 {
		config = merge(config, map[string]any{"ssh_authorized_keys": list})
	}
	text, err := yaml.Marshal(config)
	if err != nil {
		return "", fmt.Errorf("write the user data: %w", err)
	}
	return cloudConfig + "\n" + string(text), nil
}
