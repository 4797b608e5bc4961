package longhorn

import (
	"context"
	"crypto/sha512"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync/atomic"
	"time"

	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/pkg/longhorn"
)

// keep writes the bytes into the image's file, checks them, and finds out how large the disk inside is. It says how many
// there are meanwhile.
func (m *Manager) keep(ctx context.Context, image *longhorn.BackingImage, from io.Reader, size int64) error {
	dir := filepath.Join(m.Dir, filepath.Base(image.Name))
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	to, err := os.Create(filepath.Join(dir, "file"))
	if err != nil {
		return err
	}
	var written atomic.Int64
	telling, told := context.WithCancel(ctx)
	said := make(chan struct{})
	go func() {
		defer close(said)
		m.tell(telling, image.DeepCopy(), &written, size)
	}()
	sum := sha512.New()
	_, err = io.Copy(io.MultiWriter(to, sum, counter{&written}), from)
	told()
	<-said
	if err := errors.Join(err, to.Close()); err != nil {
		return err
	}
	if size > 0 && written.Load() != size {
		return fmt.Errorf("processed data size %d does not match the expected file size %d", written.Load(), size)
	}
	return m.check(ctx, image, dir, written.Load(), hex.EncodeToString(sum.Sum(nil)))
}

// check checks the file, and makes a raw disk of it for volumes to start from.
func (m *Manager) check(ctx context.Context, image *longhorn.BackingImage, dir string, size int64, sum string) error {
	if want := image.Spec.Checksum; want != "" && want != sum {
		return fmt.Errorf("the expected checksum %s doesn't match the file actual checksum %s", want, sum)
	}
	if size%longhorn.SectorBytes != 0 {
		return fmt.Errorf("the file size %d should be a multiple of %d bytes since Longhorn uses directIO by default", size, longhorn.SectorBytes)
	}
	kept, disk := filepath.Join(dir, "file"), diskIn(m.Dir, image.Name)
	out, err := exec.CommandContext(ctx, "qemu-img", "info", "--output=json", kept).Output()
	if err != nil {
		return fmt.Errorf("look at the file: %w", err)
	}
	var is struct {
		Format  string `json:"format"`
		Virtual int64  `json:"virtual-size"`
	}
	if err := json.Unmarshal(out, &is); err != nil {
		return fmt.Errorf("look at the file: %w", err)
	}
	if is.Format == "qcow2" {
		err = exec.CommandContext(ctx, "qemu-img", "convert", "-f", "qcow2", "-O", "raw", kept, disk).Run()
	} else {
		is.Virtual, err = size, os.Link(kept, disk)
	}
	if err != nil {
		return fmt.Errorf("make a disk of the file: %w", err)
	}
	image.Status.Size, image.Status.VirtualSize, image.Status.Checksum = size, is.Virtual, sum
	return m.measured(ctx, image)
}

// measured writes the sizes, before the copy is said to be ready.
func (m *Manager) measured(ctx context.Context, image *longhorn.BackingImage) error {
	sizes := image.Status
	now := &longhorn.BackingImage{}
	if err := m.Client.Get(ctx, client.ObjectKeyFromObject(image), now); err != nil {
		return err
	}
	*image = *now.DeepCopy()
	image.Status.Size, image.Status.VirtualSize, image.Status.Checksum = sizes.Size, sizes.VirtualSize, sizes.Checksum
	return m.Client.Status().Patch(ctx, image, client.MergeFrom(now))
}

// counter counts what is written.
type counter struct{ bytes *atomic.Int64 }

func (c counter) Write(p []byte) (int, error) {
	c.bytes.Add(int64(len(p)))
	return len(p), nil
}

// tell says how many bytes there are, until the context ends.
func (m *Manager) tell(ctx context.Context, image *longhorn.BackingImage, written *atomic.Int64, size int64) {
	const percent = 100
	ticker := time.NewTicker(pause)
	defer ticker.Stop()
	for {
		copied := longhorn.BackingImageCopy{State: longhorn.CopyInProgress}
		if size > 0 {
			copied.Progress = int(percent * written.Load() / size)
		}
		_ = m.say(ctx, image, copied) // the next one says more
		select {
		case <-ctx.Done():
			return
		case <-ticker.C:
		}
	}
}
