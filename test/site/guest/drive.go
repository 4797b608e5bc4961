package guest

import (
	"context"
	"slices"
)

// Insert puts a disc into a CD-ROM drive that the machine was started with.
func (g *Guest) Insert(ctx context.Context, d Disk) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	i := slices.IndexFunc(g.Machine.Disks, func(o Disk) bool { return o.Name == d.Name })
	if i < 0 || g.Machine.Disks[i].File != "" {
		return nil
	}
	disc := g.Machine.Disks[i]
	disc.File = d.File
	if err := g.run(ctx, "blockdev-add", backendOf(disc), nil); err != nil {
		return err
	}
	err := g.inTray(ctx, disc, "blockdev-insert-medium", map[string]any{"id": deviceID(disc), "node-name": nodeName(disc)})
	if err != nil {
		_ = g.run(ctx, "blockdev-del", map[string]string{"node-name": nodeName(disc)}, nil)
		return err
	}
	g.Machine.Disks[i] = disc
	return writeMachine(g.dir, g.Machine)
}

// eject takes the disc out of a drive, whether the guest has locked it or not. The drive stays.
func (g *Guest) eject(ctx context.Context, i int) error {
	disc := g.Machine.Disks[i]
	if disc.File == "" {
		return nil
	}
	if err := g.inTray(ctx, disc, "blockdev-remove-medium", map[string]any{"id": deviceID(disc)}); err != nil {
		return err
	}
	if err := g.release(ctx, disc); err != nil {
		return err
	}
	g.Machine.Disks[i].File = ""
	return writeMachine(g.dir, g.Machine)
}

// inTray does something while a drive's tray is open.
func (g *Guest) inTray(ctx context.Context, d Disk, command string, arguments map[string]any) error {
	if err := g.run(ctx, "blockdev-open-tray", map[string]any{"id": deviceID(d), "force": true}, nil); err != nil {
		return err
	}
	if err := g.run(ctx, command, arguments, nil); err != nil {
		return err
	}
	return g.run(ctx, "blockdev-close-tray", map[string]any{"id": deviceID(d)}, nil)
}

// Drive is the CD-ROM drive of a name, and whether the machine has one.
func (g *Guest) Drive(name string) (Disk, bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	i := slices.IndexFunc(g.Machine.Disks, func(d Disk) bool { return d.Name == name && d.CDROM })
	if i < 0 {
		return Disk{}, false
	}
	return g.Machine.Disks[i], true
}
