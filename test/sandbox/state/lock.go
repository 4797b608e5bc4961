package state

import (
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"syscall"
)

// Lock holds a sandbox's directory and its part of the loopback network. The
// kernel gives both free when the process ends, however it ends.
type Lock struct {
	file   *os.File
	octets []net.Listener
}

// errBusy says that another process holds the directory.
var errBusy = errors.New("a sandbox is running")

// Hold locks the directory dir, which it makes.
func Hold(dir string) (*Lock, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, fmt.Errorf("directory of the sandbox: %w", err)
	}
	file, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("directory of the sandbox: %w", err)
	}
	err = syscall.Flock(int(file.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if err == nil {
		return &Lock{file: file}, nil
	}
	file.Close()
	if !errors.Is(err, syscall.EWOULDBLOCK) {
		return nil, fmt.Errorf("lock of %s: %w", dir, err)
	}
	holder := "unknown"
	if s, err := Read(dir); err == nil {
		holder = fmt.Sprint(s.Supervisor)
	}
	return nil, fmt.Errorf("%w in %s (process %s); stop it, or give this one another --dir", errBusy, dir, holder)
}

// Release gives everything free.
func (l *Lock) Release() {
	for _, octet := range l.octets {
		octet.Close()
	}
	l.file.Close()
}

// The second octets of 127.x.0.0/16 that sandboxes divide among themselves.
const (
	lowestOctet  = 16
	highestOctet = 250
)

// Octets takes the networks of n sites: 127.(octet+1).0.0/16 up to
// 127.(octet+n).0.0/16. An octet that is not 0 was taken by an earlier run and
// must be free.
func (l *Lock) Octets(octet, n int, seed uint64) (int, error) {
	room := highestOctet - lowestOctet - n
	if n < 1 || room < 1 {
		return 0, fmt.Errorf("%d sites do not fit into the loopback network", n)
	}
	if octet != 0 {
		if err := l.octetsFrom(octet, n); err != nil {
			return 0, fmt.Errorf("loopback networks of this sandbox: %w; stop the other sandbox, or clean this one and run it again", err)
		}
		return octet, nil
	}
	for try := range room {
		octet := lowestOctet + int((seed+uint64(try))%uint64(room))
		if l.octetsFrom(octet, n) == nil {
			return octet, nil
		}
	}
	return 0, fmt.Errorf("no %d neighbouring networks 127.x.0.0/16 are free; stop another sandbox", n)
}

// octetsFrom takes all n networks or none. The lock of a network is a socket in
// the abstract namespace, which belongs to the same network namespace as the
// addresses do.
func (l *Lock) octetsFrom(octet, n int) error {
	var taken []net.Listener
	for site := 1; site <= n; site++ {
		listener, err := net.Listen("unix", fmt.Sprintf("@croft-sandbox-127.%d", octet+site))
		if err != nil {
			for _, one := range taken {
				one.Close()
			}
			return fmt.Errorf("127.%d.0.0/16 is in use", octet+site)
		}
		taken = append(taken, listener)
	}
	l.octets = append(l.octets, taken...)
	return nil
}
