package guest

import (
	"context"
	"sync"
	"time"
)

// answerTimeout is how long QEMU may take to answer. Only one that hangs, or a
// very busy host, needs seconds.
const answerTimeout = 30 * time.Second

// line is the way to the QEMU of a folder: its monitor, dialled anew when the
// connection has ended and QEMU has not.
type line struct {
	dir string

	mu sync.Mutex
	// monitor is nil for a machine that had ended before anybody looked.
	monitor *monitor
	// hungUp says that this process has let go of the machine.
	hungUp bool
}

func (l *line) run(ctx context.Context, command string, arguments, result any) error {
	ctx, cancel := context.WithTimeout(ctx, answerTimeout)
	defer cancel()
	m, err := l.open(ctx)
	if err != nil {
		return err
	}
	return m.run(ctx, command, arguments, result)
}

func (l *line) open(ctx context.Context) (*monitor, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.monitor == nil || l.hungUp {
		return nil, errLost
	}
	if !l.monitor.broken() {
		return l.monitor, nil
	}
	if _, alive := running(l.dir); !alive {
		return nil, errLost
	}
	conn, err := dial(ctx, l.dir, qmpSocket)
	if err != nil {
		return nil, err
	}
	m, err := newMonitor(ctx, conn)
	if err != nil {
		return nil, err
	}
	l.monitor = m
	return m, nil
}

func (l *line) close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.hungUp = true
	if l.monitor != nil {
		l.monitor.close()
	}
}
