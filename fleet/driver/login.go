package driver

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"golang.org/x/crypto/ssh"

	"crofthci.io/croft/pkg/multus"
)

// userPattern is what users of a Unix system are called like.
var userPattern = regexp.MustCompile(`^[a-z_][a-z0-9_-]{0,31}$`)

// readLogin checks who may log in.
func (p *plan) readLogin(login Login, wrong *problems) {
	if !userPattern.MatchString(login.SSHUser) {
		wrong.add("ssh-user", "is no name of a user")
	}
	if login.SSHPort < 1 || login.SSHPort > 65535 {
		wrong.add("ssh-port", "must be from 1 to 65535")
	}
	if strings.ContainsAny(login.SSHPassword, "\n\r:") {
		wrong.add("ssh-password", "must not have a line break or a colon")
	}
	if login.SSHPrivateKeyPath != "" {
		if _, err := readKey(login.SSHPrivateKeyPath); err != nil {
			wrong.add("ssh-private-key-path", "%s", err)
		}
	}
	for name := range strings.SplitSeq(login.KeyPairName, ",") {
		if name = strings.TrimSpace(name); name == "" {
			continue
		}
		if !isFullName(name) {
			wrong.add("key-pair-name", "must be namespace/name of a key pair, or several with commas between them")
			continue
		}
		p.keys = append(p.keys, multus.Named(name, ""))
	}
}

// readKey reads a private key. The error is the rest of a sentence.
func readKey(path string) (ssh.Signer, error) {
	info, err := os.Stat(path)
	if err != nil || !info.Mode().IsRegular() || info.Size() > 64<<10 {
		return nil, errors.New("must name a file with a private key")
	}
	content, err := os.ReadFile(path)
	if err != nil {
		return nil, errors.New("names a file that cannot be read")
	}
	key, err := ssh.ParsePrivateKey(content)
	if err != nil {
		return nil, errors.New("must name a file with a private key in OpenSSH's form, without a passphrase")
	}
	return key, nil
}

// publicKey is the public half of the key that rancher-machine logs in with, for a file of authorized keys. The private
// half lies in rancher-machine's own store: the given one's copy, the one of an attempt before, or a new one.
func (d *Driver) publicKey() (string, error) {
	path := d.GetSSHKeyPath()
	key, err := readKey(path)
	if given := d.flags.SSHPrivateKeyPath; given != "" {
		key, err = copyKey(given, path)
	} else if err != nil {
		key, err = newKey(path)
	}
	if err != nil {
		return "", fmt.Errorf("the key to log in with: %w", err)
	}
	return strings.TrimSpace(string(ssh.MarshalAuthorizedKey(key.PublicKey()))), nil
}

// copyKey keeps a private key that was given.
func copyKey(from, to string) (ssh.Signer, error) {
	content, err := os.ReadFile(from)
	if err != nil {
		return nil, err
	}
	return keep(content, to)
}

// newKey makes a private key.
func newKey(path string) (ssh.Signer, error) {
	_, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	block, err := ssh.MarshalPrivateKey(private, "")
	if err != nil {
		return nil, err
	}
	return keep(pem.EncodeToMemory(block), path)
}

// keep writes a private key that only its owner can read.
func keep(content []byte, path string) (ssh.Signer, error) {
	key, err := ssh.ParsePrivateKey(content)
	if err != nil {
		return nil, errors.New("it is no private key in OpenSSH's form")
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	if err := os.Remove(path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	return key, os.WriteFile(path, content, 0o600)
}
