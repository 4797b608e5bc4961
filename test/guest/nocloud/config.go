package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"sigs.k8s.io/yaml"
)

// metaData is the part of NoCloud's meta-data that is understood.
type metaData struct {
	InstanceID    string `json:"instance-id"`
	LocalHostname string `json:"local-hostname"`
	Hostname      string `json:"hostname"`
	// PublicKeys are the platform's for the image's own user, by number.
	PublicKeys map[string]string `json:"public-keys"`
}

// userData is the part of cloud-config that is understood.
type userData struct {
	Hostname          string      `json:"hostname"`
	FQDN              string      `json:"fqdn"`
	SSHAuthorizedKeys []string    `json:"ssh_authorized_keys"`
	Password          string      `json:"password"`
	ChPasswd          chPasswd    `json:"chpasswd"`
	SSHPasswordAuth   any         `json:"ssh_pwauth"`
	Users             []user      `json:"users"`
	WriteFiles        []writeFile `json:"write_files"`
	BootCommands      []command   `json:"bootcmd"`
	RunCommands       []command   `json:"runcmd"`

	// script is the whole user-data where it begins with "#!".
	script []byte
}

// user is one of cloud-config's users; the bare word "default" stands for the
// image's own user.
type user struct {
	Name              string   `json:"name"`
	SSHAuthorizedKeys []string `json:"ssh_authorized_keys"`
	PlainTextPassword string   `json:"plain_text_passwd"`
	HashedPassword    string   `json:"passwd"`
	Shell             string   `json:"shell"`
	// Sudo is a rule, a list of rules or false; any rule gives all rights.
	Sudo any `json:"sudo"`
}

// UnmarshalJSON takes a user as a map or as a bare name.
func (u *user) UnmarshalJSON(data []byte) error {
	if json.Unmarshal(data, &u.Name) == nil {
		return nil
	}
	type plain user
	return json.Unmarshal(data, (*plain)(u))
}

// chPasswd sets passwords: cloud-init's older list of name:password lines and
// its newer users.
type chPasswd struct {
	List  any `json:"list"`
	Users []struct {
		Name     string `json:"name"`
		Password string `json:"password"`
	} `json:"users"`
}

// writeFile is one of cloud-config's write_files.
type writeFile struct {
	Path        string `json:"path"`
	Content     string `json:"content"`
	Encoding    string `json:"encoding"`
	Owner       string `json:"owner"`
	Permissions string `json:"permissions"`
	Append      bool   `json:"append"`
}

// command is a shell line, or a list of words that no shell sees.
type command []string

// UnmarshalJSON takes a line or a list.
func (c *command) UnmarshalJSON(data []byte) error {
	var line string
	if json.Unmarshal(data, &line) == nil {
		*c = command{"/bin/sh", "-c", line}
		return nil
	}
	var words []any
	if err := json.Unmarshal(data, &words); err != nil {
		return fmt.Errorf("a command is a line or a list of words: %w", err)
	}
	for _, word := range words {
		*c = append(*c, fmt.Sprint(word))
	}
	return nil
}

// hostname is what the guest is to be called: the user's word goes before the
// platform's.
func hostname(meta metaData, data userData) string {
	for _, name := range []string{data.Hostname, data.FQDN, meta.LocalHostname, meta.Hostname} {
		if short, _, _ := strings.Cut(name, "."); short != "" {
			return short
		}
	}
	return ""
}

// parseUserData reads a cloud-config or a script.
func parseUserData(content []byte) (userData, error) {
	content = bytes.TrimLeft(content, "\ufeff \t\r\n")
	if bytes.HasPrefix(content, []byte("#!")) {
		return userData{script: content}, nil
	}
	var data userData
	if err := yaml.Unmarshal(content, &data); err != nil {
		return userData{}, fmt.Errorf("user-data: %w", err)
	}
	return data, nil
}

// readSeed reads what copySeed kept.
func readSeed() (metaData, userData, error) {
	var meta metaData
	content, err := readIfThere("meta-data")
	if err != nil {
		return meta, userData{}, err
	}
	if err := yaml.Unmarshal(content, &meta); err != nil {
		return meta, userData{}, fmt.Errorf("meta-data: %w", err)
	}
	content, err = readIfThere("user-data")
	if err != nil {
		return meta, userData{}, err
	}
	data, err := parseUserData(content)
	return meta, data, err
}

func readIfThere(name string) ([]byte, error) {
	content, err := os.ReadFile(filepath.Join(seedCopy, name))
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	return content, err
}
