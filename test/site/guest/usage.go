package guest

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"strconv"
	"strings"
	"time"
)

// Usage is what a machine has used since it was started, as QEMU and the guest count it.
type Usage struct {
	// CPU is the processor time of QEMU's process.
	CPU time.Duration
	// Memory is what the guest has and could still use, in bytes; both are 0 until its balloon driver has told.
	MemoryTotal, MemoryUsable int64
	// Disks are by the name of the disk.
	Disks map[string]DiskUsage
	// NICs are by the MAC address, as the guest's agent tells them; none without it.
	NICs map[string]AgentStatistics
}

// DiskUsage is what was read and written, in bytes.
type DiskUsage struct {
	Read    int64 `json:"rd_bytes"`
	Written int64 `json:"wr_bytes"`
}

// AgentStatistics are the counters of one network interface, in bytes.
type AgentStatistics struct {
	Received int64 `json:"rx-bytes"`
	Sent     int64 `json:"tx-bytes"`
}

const (
	balloonPath = "/machine/peripheral/" + balloonID
	// balloonPoll is how often QEMU asks the guest for its memory, in seconds.
	balloonPoll = 5
	// ticks are the kernel's USER_HZ, in which it tells processor time.
	ticks = 100
)

// Usage asks QEMU, and the guest's agent where there is one.
func (g *Guest) Usage(ctx context.Context) (Usage, error) {
	usage := Usage{Disks: map[string]DiskUsage{}, NICs: map[string]AgentStatistics{}}
	var err error
	if usage.CPU, err = processorTime(g.PID()); err != nil {
		return usage, err
	}
	if err := g.diskUsage(ctx, usage.Disks); err != nil {
		return usage, err
	}
	if usage.MemoryTotal, usage.MemoryUsable, err = g.memoryUsage(ctx); err != nil {
		return usage, err
	}
	if info, err := g.Agent(ctx); err == nil {
		for _, one := range info.Interfaces {
			if one.Statistics != nil {
				usage.NICs[strings.ToLower(one.MAC)] = *one.Statistics
			}
		}
	}
	return usage, nil
}

func (g *Guest) diskUsage(ctx context.Context, into map[string]DiskUsage) error {
	var told []struct {
		Node  string    `json:"node-name"`
		Stats DiskUsage `json:"stats"`
	}
	if err := g.run(ctx, "query-blockstats", nil, &told); err != nil {
		return err
	}
	for _, d := range g.Hardware().Disks {
		for _, one := range told {
			if one.Node == nodeName(d) {
				into[d.Name] = one.Stats
			}
		}
	}
	return nil
}

// memoryUsage is what the guest has told, and has QEMU ask it from now on.
func (g *Guest) memoryUsage(ctx context.Context) (total, usable int64, err error) {
	poll := map[string]any{"path": balloonPath, "property": "guest-stats-polling-interval", "value": balloonPoll}
	if err := g.run(ctx, "qom-set", poll, nil); err != nil {
		return 0, 0, err
	}
	var told struct {
		Stats map[string]int64 `json:"stats"`
	}
	if err := g.run(ctx, "qom-get", map[string]string{"path": balloonPath, "property": "guest-stats"}, &told); err != nil {
		return 0, 0, err
	}
	// -1 is what is not known.
	return max(0, told.Stats["stat-total-memory"]), max(0, told.Stats["stat-available-memory"]), nil
}

// processorTime is what a process has used, by proc_pid_stat(5): utime and stime, the 14th and 15th of its fields. The second
// is its name in brackets, which may have anything in it.
func processorTime(pid int) (time.Duration, error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, err
	}
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	if len(fields) < 13 {
		return 0, fmt.Errorf("process %d: its stat has %d fields", pid, len(fields))
	}
	var sum int64
	for _, field := range fields[11:13] {
		n, err := strconv.ParseInt(field, 10, 64)
		if err != nil {
			return 0, fmt.Errorf("process %d: %w", pid, err)
		}
		sum += n
	}
	return time.Duration(sum) * time.Second / ticks, nil
}
