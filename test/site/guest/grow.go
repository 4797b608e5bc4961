package guest

import (
	"context"
	"fmt"
	"os"
)

// sector is what the size of a disk is a multiple of.
const sector = 512

// Grow tells the guest of disks whose files have become larger.
func (g *Guest) Grow(ctx context.Context) error {
	known, err := g.sizes(ctx)
	if err != nil {
		return err
	}
	for _, d := range g.Hardware().Disks {
		now, opened := known[nodeName(d)]
		if !opened || d.CDROM || d.ReadOnly {
			continue
		}
		info, err := os.Stat(d.File)
		if err != nil {
			continue // it is open all the same
		}
		size := info.Size() / sector * sector
		if size <= now {
			continue
		}
		if err := g.run(ctx, "block_resize", map[string]any{"node-name": nodeName(d), "size": size}, nil); err != nil {
			return fmt.Errorf("disk %s: %w", d.Name, err)
		}
	}
	return nil
}

// sizes are those that QEMU gives its block nodes, in bytes.
func (g *Guest) sizes(ctx context.Context) (map[string]int64, error) {
	var nodes []struct {
		Name  string `json:"node-name"`
		Image struct {
			Size int64 `json:"virtual-size"`
		} `json:"image"`
	}
	if err := g.run(ctx, "query-named-block-nodes", map[string]bool{"flat": true}, &nodes); err != nil {
		return nil, err
	}
	sizes := map[string]int64{}
	for _, n := range nodes {
		sizes[n.Name] = n.Image.Size
	}
	return sizes, nil
}
