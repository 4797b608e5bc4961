package guest

import (
	"context"
	"fmt"
	"net"
	"os"
	"path/filepath"
)

// maxSocketPath is what fits into the kernel's sockaddr_un with its final zero.
const maxSocketPath = 107

// dial connects to a unix socket in a folder, also where the path is longer
// than the kernel takes: then by way of the open folder's short name in /proc.
func dial(ctx context.Context, dir, name string) (net.Conn, error) {
	path := filepath.Join(dir, name)
	if len(path) > maxSocketPath {
		folder, err := os.Open(dir)
		if err != nil {
			return nil, fmt.Errorf("socket %s: %w", name, err)
		}
		defer folder.Close()
		path = fmt.Sprintf("/proc/self/fd/%d/%s", folder.Fd(), name)
	}
	var d net.Dialer
	conn, err := d.DialContext(ctx, "unix", path)
	if err != nil {
		return nil, fmt.Errorf("socket %s: %w", name, err)
	}
	return conn, nil
}
