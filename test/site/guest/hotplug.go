package guest

import (
	"context"
	"fmt"
	"slices"
	"time"
)

const releaseTimeout = 10 * time.Second

// Plug puts a disk into the running machine. Hotplugged disks sit on the SCSI
// controller, whatever bus was asked for: it is the one with free places.
func (g *Guest) Plug(ctx context.Context, d Disk) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	d.Bus, d.LUN, d.BootIndex = SCSI, g.freeLUN(), 0
	if err := g.run(ctx, "blockdev-add", backendOf(d), nil); err != nil {
		return err
	}
	dev := deviceOf(d, 0)
	frontend := map[string]any{"driver": dev.driver, "lun": d.LUN, "scsi-id": 0}
	for _, p := range dev.props {
		if _, set := frontend[p[0]]; !set {
			frontend[p[0]] = p[1]
		}
	}
	if err := g.run(ctx, "device_add", frontend, nil); err != nil {
		_ = g.run(ctx, "blockdev-del", map[string]string{"node-name": nodeName(d)}, nil)
		return err
	}
	g.Machine.Disks = append(g.Machine.Disks, d)
	return writeMachine(g.dir, g.Machine)
}

// backendOf is a disk's file as QMP opens it.
func backendOf(d Disk) map[string]any {
	return map[string]any{
		"driver": "raw", "node-name": nodeName(d), "read-only": d.ReadOnly || d.CDROM, "discard": "unmap",
		"file": map[string]any{"driver": "file", "filename": d.File, "locking": "off", "discard": "unmap"},
	}
}

// Unplug takes a disk out of the running machine. Of a CD-ROM drive it takes the
// disc.
func (g *Guest) Unplug(ctx context.Context, name string) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	i := slices.IndexFunc(g.Machine.Disks, func(d Disk) bool { return d.Name == name })
	if i < 0 {
		return nil
	}
	d := g.Machine.Disks[i]
	if d.CDROM {
		return g.eject(ctx, i)
	}
	if err := g.run(ctx, "device_del", map[string]string{"id": deviceID(d)}, nil); err != nil {
		return err
	}
	if err := g.release(ctx, d); err != nil {
		return err
	}
	g.Machine.Disks = slices.Delete(g.Machine.Disks, i, i+1)
	return writeMachine(g.dir, g.Machine)
}

// release closes a disk's file. QEMU lets go of a device a moment after it was
// told to, when the guest has let go.
func (g *Guest) release(ctx context.Context, d Disk) error {
	ctx, cancel := context.WithTimeout(ctx, releaseTimeout)
	defer cancel()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	for {
		err := g.run(ctx, "blockdev-del", map[string]string{"node-name": nodeName(d)}, nil)
		if err == nil || !isRefusal(err) {
			return err
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("disk %s is still in use by the guest: %w", d.Name, err)
		case <-tick.C:
		}
	}
}

// Has says whether a disk of that name is in the machine.
func (g *Guest) Has(name string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return slices.ContainsFunc(g.Machine.Disks, func(d Disk) bool { return d.Name == name })
}

func (g *Guest) freeLUN() int {
	for lun := 0; ; lun++ {
		if !slices.ContainsFunc(g.Machine.Disks, func(d Disk) bool { return d.Bus == SCSI && d.LUN == lun }) {
			return lun
		}
	}
}

// Hardware is the machine as it is now, with what was plugged in.
func (g *Guest) Hardware() Machine {
	g.mu.Lock()
	defer g.mu.Unlock()
	m := g.Machine
	m.Disks = slices.Clone(m.Disks)
	return m
}
