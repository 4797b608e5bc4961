package guest

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Migration is how far the move of a machine is, as QEMU says.
type Migration struct {
	// Status is "setup", "active", "completed", "failed", "cancelled", …
	Status string `json:"status"`
	// Error says why it failed.
	Error string `json:"error-desc"`
	// Downtime in milliseconds, known when completed.
	Downtime int64 `json:"downtime"`
	RAM      struct {
		Transferred, Remaining, Total int64
	} `json:"ram"`
}

// UnderWay is true from the first byte until the last: not before a move, and not
// after one that failed.
func (m Migration) UnderWay() bool {
	switch m.Status {
	case "", "none", "failed", "cancelled", "completed":
		return false
	default:
		return true
	}
}

// Limits bound a migration.
type Limits struct {
	// Bandwidth in bytes per second; 0 is none.
	Bandwidth int64
	// AutoConverge slows a guest down that writes faster than it is copied.
	AutoConverge bool
	// WaitBeforeEnd stops the guest when all but the last of it is copied, and waits for EndMigration: see BeforeEnd.
	WaitBeforeEnd bool
}

// BeforeEnd is the status of a migration that waits for EndMigration. The guest stands still, so its disks can be copied.
const BeforeEnd = "pre-switchover"

// EndMigration lets a migration end that waits for it.
func (g *Guest) EndMigration(ctx context.Context) error {
	return g.run(ctx, "migrate-continue", map[string]string{"state": BeforeEnd}, nil)
}

// Listen makes a machine that was started with Incoming take a migration.
func (g *Guest) Listen(ctx context.Context) error {
	return g.run(ctx, "migrate-incoming", map[string]string{"uri": "unix:" + migrateSocket}, nil)
}

// MigrateTo begins to move the machine to one that listens. The guest goes on
// running, here and then there.
func (g *Guest) MigrateTo(ctx context.Context, target *Guest, limits Limits) error {
	// QEMU runs in its folder; a link there keeps the socket's path short.
	link := filepath.Join(g.dir, "target.sock")
	if err := os.Remove(link); err != nil && !errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("migrate %s: %w", g.Machine.Name, err)
	}
	if err := os.Symlink(filepath.Join(target.dir, migrateSocket), link); err != nil {
		return fmt.Errorf("migrate %s: %w", g.Machine.Name, err)
	}
	if err := g.SetBandwidth(ctx, limits.Bandwidth); err != nil {
		return err
	}
	capabilities := map[string]any{"capabilities": []map[string]any{
		{"capability": "auto-converge", "state": limits.AutoConverge},
		{"capability": "pause-before-switchover", "state": limits.WaitBeforeEnd},
	}}
	if err := g.run(ctx, "migrate-set-capabilities", capabilities, nil); err != nil {
		return err
	}
	return g.run(ctx, "migrate", map[string]any{"uri": "unix:target.sock"}, nil)
}

// Sent says whether the guest has left for its target for good. A source that went
// on afterwards, because the target was lost, has its guest again.
func (g *Guest) Sent(ctx context.Context) (bool, error) {
	status, err := g.Status(ctx)
	if err != nil || status != "postmigrate" {
		return false, err
	}
	progress, err := g.Migration(ctx)
	return progress.Status == "completed", err
}

// GoOn lets a source run again whose guest has left in vain. The target must have
// ended.
func (g *Guest) GoOn(ctx context.Context) error {
	if sent, err := g.Sent(ctx); err != nil || !sent {
		return err
	}
	return g.Resume(ctx)
}

// SetBandwidth bounds a migration, also one that is under way, to so many bytes
// per second; 0 is no bound.
func (g *Guest) SetBandwidth(ctx context.Context, bandwidth int64) error {
	if bandwidth <= 0 {
		bandwidth = 1 << 40
	}
	return g.run(ctx, "migrate-set-parameters", map[string]any{"max-bandwidth": bandwidth, "downtime-limit": 500}, nil)
}

// Migration asks how far the move is.
func (g *Guest) Migration(ctx context.Context) (Migration, error) {
	var m Migration
	err := g.run(ctx, "query-migrate", nil, &m)
	return m, err
}

// CancelMigration gives up a move that is under way; the machine stays.
func (g *Guest) CancelMigration(ctx context.Context) error {
	return g.run(ctx, "migrate_cancel", nil, nil)
}

// TakeOver forwards the ports on the target of a completed migration, once. The
// source must have ended, for the addresses are the same.
func (g *Guest) TakeOver(ctx context.Context) error {
	if !g.Hardware().Incoming {
		return nil
	}
	for i, nic := range g.Machine.NICs {
		for _, forward := range nic.forwards() {
			if err := g.forward(ctx, i, forward); err != nil {
				return err
			}
		}
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	g.Machine.Incoming = false
	return writeMachine(g.dir, g.Machine)
}

// forward leads a port in. It may have been led in before by a process that was
// killed: QEMU would refuse it then, so it is taken away first.
func (g *Guest) forward(ctx context.Context, nic int, forward string) error {
	outside, _, _ := strings.Cut(forward, "-")
	if _, err := g.human(ctx, fmt.Sprintf("hostfwd_remove net%d %s", nic, outside)); err != nil {
		return err
	}
	answer, err := g.human(ctx, fmt.Sprintf("hostfwd_add net%d %s", nic, forward))
	if err != nil {
		return err
	}
	if answer != "" {
		return fmt.Errorf("machine %s: forward %s: %s", g.Machine.Name, forward, strings.TrimSpace(answer))
	}
	return nil
}

// human says a line to the monitor that QEMU has for people.
func (g *Guest) human(ctx context.Context, line string) (string, error) {
	var answer string
	err := g.run(ctx, "human-monitor-command", map[string]string{"command-line": line}, &answer)
	return answer, err
}

// Arrived says whether a target has received the guest that it waited for.
func (g *Guest) Arrived(ctx context.Context) (bool, error) {
	status, err := g.Status(ctx)
	return err == nil && status != "inmigrate", err
}
