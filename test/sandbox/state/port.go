package state

import (
	"bufio"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"crofthci.io/croft/test/controlplane"
)

// settle is how long the ports of programs that were just killed may take to be
// free.
const settle = 3 * time.Second

// Block is the ports of one network 127.octet.0.0/16: who holds the network has
// them to himself, so that two sandboxes never choose the same, not even while
// neither listens yet.
func Block(octet int) controlplane.Block {
	return controlplane.AllPorts.Part(octet-lowestOctet-1, highestOctet-lowestOctet)
}

// Choose completes the ports of a cluster, from a block, and checks that those
// remembered from an earlier run are still free.
func (s *State) Choose(cluster string, block controlplane.Block, seed uint64, names ...string) (controlplane.Ports, error) {
	ports := s.Ports[cluster]
	if ports == nil {
		ports = controlplane.Ports{}
		s.Ports[cluster] = ports
	}
	for name, port := range ports {
		if err := awaitFree(port); err != nil {
			return nil, fmt.Errorf("port %d of %s/%s is taken%s; stop that program, or run `croft-sandbox clean` to forget this sandbox",
				port, cluster, name, holder(port))
		}
	}
	others := slices.Collect(maps.Values(s.Ports))
	if err := ports.Choose(block, seed, others, names...); err != nil {
		return nil, fmt.Errorf("%s: %w", cluster, err)
	}
	return ports, nil
}

func awaitFree(port int) error {
	deadline := time.Now().Add(settle)
	for {
		err := controlplane.PortFree(port)
		if err == nil || time.Now().After(deadline) {
			return err
		}
		time.Sleep(50 * time.Millisecond)
	}
}

// holder names the program that listens on a port, as far as this user may see.
func holder(port int) string {
	inode := listening(port)
	if inode == "" {
		return ""
	}
	links, _ := filepath.Glob("/proc/[0-9]*/fd/*") // the pattern is right
	for _, link := range links {
		target, err := os.Readlink(link)
		if err != nil || target != "socket:["+inode+"]" {
			continue
		}
		pid := strings.Split(link, "/")[2]
		name, _ := os.ReadFile(filepath.Join("/proc", pid, "comm"))
		return fmt.Sprintf(" by %s (process %s)", strings.TrimSpace(string(name)), pid)
	}
	return ""
}

// listening is the inode of the socket that listens on a port, from the kernel's
// table of TCP sockets: local address in column 1, state in 3, inode in 9.
func listening(port int) string {
	for _, table := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		file, err := os.Open(table)
		if err != nil {
			continue
		}
		defer file.Close()
		for lines := bufio.NewScanner(file); lines.Scan(); {
			columns := strings.Fields(lines.Text())
			const listen = "0A"
			if len(columns) < 10 || columns[3] != listen {
				continue
			}
			_, hex, _ := strings.Cut(columns[1], ":")
			if at, err := strconv.ParseInt(hex, 16, 32); err == nil && int(at) == port {
				return columns[9]
			}
		}
	}
	return ""
}
