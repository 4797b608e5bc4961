package longhorn

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// keyOf and providerOf are the keys of a secret that the passphrase is under, and whose it is.
const (
	keyOf      = "CRYPTO_KEY_VALUE"
	providerOf = "CRYPTO_KEY_PROVIDER"
)

// HeaderBytes is how much larger an encrypted file is than the disk in it. QEMU's header is LUKS 1 and shorter than that of
// LUKS 2, which Longhorn writes; what is left of these bytes is behind the disk.
const HeaderBytes = 16 << 20

// errNoSecret says that a secret cannot be read. Longhorn then makes no pod, says nothing, and looks again.
var errNoSecret = errors.New("the secret cannot be read")

// passphraseOf reads the passphrase in a secret.
func passphraseOf(ctx context.Context, from client.Reader, namespace, name string) (string, error) {
	secret := &corev1.Secret{}
	if err := from.Get(ctx, client.ObjectKey{Namespace: namespace, Name: name}, secret); err != nil {
		return "", fmt.Errorf("%w: %w", errNoSecret, err)
	}
	if provider := string(secret.Data[providerOf]); provider != "" && provider != "secret" {
		return "", fmt.Errorf("unsupported key provider %s for encryption", provider)
	}
	if len(secret.Data[keyOf]) == 0 {
		return "", errors.New("missing passphrase for encryption")
	}
	return string(secret.Data[keyOf]), nil
}

// seal encrypts a disk into a file as LUKS does.
func seal(ctx context.Context, disk, sealed, passphrase string) error {
	info, err := os.Stat(disk)
	if err != nil {
		return err
	}
	return withKey(sealed, passphrase, func(key []string) error {
		layout := "key-secret=key,cipher-alg=aes-256,cipher-mode=xts,ivgen-alg=plain64,hash-alg=sha256,iter-time=10" // little: nobody guesses here
		create := append(append([]string{"create", "-q", "-f", "luks"}, key...), "-o", layout, sealed, fmt.Sprint(info.Size()))
		if err := image(ctx, create...); err != nil {
			return err
		}
		write := append(append([]string{"convert", "-n"}, key...), "--image-opts", "driver=raw,file.filename="+quoted(disk),
			"--target-image-opts", opened(sealed))
		return errors.Join(image(ctx, write...), os.Truncate(sealed, info.Size()+HeaderBytes))
	})
}

// unseal decrypts a file into a disk.
func unseal(ctx context.Context, sealed, disk, passphrase string) error {
	info, err := os.Stat(sealed)
	if err != nil {
		return err
	}
	if info.Size() < HeaderBytes {
		return errors.New("file size is smaller than 0 while encryption or decryption")
	}
	return withKey(disk, passphrase, func(key []string) error {
		read := append(append([]string{"convert"}, key...), "--image-opts", opened(sealed), "-O", "raw", disk)
		if err := image(ctx, read...); err != nil {
			return err
		}
		return os.Truncate(disk, info.Size()-HeaderBytes)
	})
}

// withKey has a passphrase in a file beside another one as long as something is done, for QEMU's tools to read.
func withKey(beside, passphrase string, do func(key []string) error) error {
	dir, err := os.MkdirTemp(filepath.Dir(beside), "key")
	if err != nil {
		return err
	}
	file := filepath.Join(dir, "passphrase")
	err = os.WriteFile(file, []byte(passphrase), 0o600)
	if err == nil {
		err = do([]string{"--object", "secret,id=key,file=" + quoted(file)})
	}
	return errors.Join(err, os.RemoveAll(dir))
}

// opened is how QEMU's tools are told of an encrypted file, and quoted how of any.
func opened(sealed string) string {
	return "driver=luks,key-secret=key,file.filename=" + quoted(sealed)
}

func quoted(path string) string { return strings.ReplaceAll(path, ",", ",,") }

// measurings is how often qemu-img may fail to measure how fast the machine is, which it does before it makes a key: on a busy
// machine, it does so now and then.
const measurings = 20

// image runs qemu-img. What is wrong with a key, it says as cryptsetup does.
func image(ctx context.Context, arguments ...string) error {
	var err error
	for range measurings {
		if err = imageOnce(ctx, arguments...); err == nil || !strings.Contains(err.Error(), "Unable to get accurate CPU usage") {
			return err
		}
	}
	return err
}

func imageOnce(ctx context.Context, arguments ...string) error {
	command := exec.CommandContext(ctx, "qemu-img", arguments...)
	var said bytes.Buffer
	command.Stderr = &said
	err := command.Run()
	switch {
	case err == nil:
		return nil
	case strings.Contains(said.String(), "Invalid password"):
		return errors.New("failed to execute: cryptsetup luksOpen, stderr, No key available with this passphrase.: exit status 2")
	case strings.Contains(said.String(), "not in LUKS format"):
		return errors.New("failed to execute: cryptsetup luksOpen, stderr, Device is not a valid LUKS device.: exit status 1")
	}
	return fmt.Errorf("%s: %w", strings.TrimSpace(said.String()), err)
}
