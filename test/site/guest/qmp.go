package guest

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"sync"
)

// monitor speaks QMP, QEMU's JSON protocol: one command at a time, while events
// arrive in between.
type monitor struct {
	conn    net.Conn
	command sync.Mutex
	answers chan answer
	events  chan Event
	done    chan struct{}
}

// Event is something QEMU reported by itself, such as SHUTDOWN.
type Event struct {
	Name string          `json:"event"`
	Data json.RawMessage `json:"data"`
}

type answer struct {
	Return json.RawMessage `json:"return"`
	Error  *qmpError       `json:"error"`
}

type qmpError struct {
	Class string `json:"class"`
	Desc  string `json:"desc"`
}

func (e *qmpError) Error() string { return e.Desc }

// errGone is the answer of a QEMU that has ended.
var errGone = errors.New("the machine's QEMU has ended")

// newMonitor greets QEMU on an open connection.
func newMonitor(ctx context.Context, conn net.Conn) (*monitor, error) {
	m := &monitor{
		conn:    conn,
		answers: make(chan answer, 1),
		events:  make(chan Event, 64),
		done:    make(chan struct{}),
	}
	go m.read()
	if err := m.run(ctx, "qmp_capabilities", nil, nil); err != nil {
		_ = conn.Close()
		return nil, err
	}
	return m, nil
}

func (m *monitor) read() {
	defer close(m.done)
	defer close(m.events)
	lines := bufio.NewReader(m.conn)
	for {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			return
		}
		var message struct {
			answer
			Event
			QMP json.RawMessage `json:"QMP"`
		}
		if json.Unmarshal(line, &message) != nil || message.QMP != nil {
			continue
		}
		if message.Name == "" {
			m.answers <- message.answer
			continue
		}
		select {
		case m.events <- message.Event:
		default: // nobody listens; the state is asked for, not counted
		}
	}
}

// run sends a command and decodes what it returns into result, if not nil.
func (m *monitor) run(ctx context.Context, command string, arguments, result any) error {
	m.command.Lock()
	defer m.command.Unlock()
	request := map[string]any{"execute": command}
	if arguments != nil {
		request["arguments"] = arguments
	}
	line, err := json.Marshal(request)
	if err != nil {
		return fmt.Errorf("qmp %s: %w", command, err)
	}
	if _, err := m.conn.Write(append(line, '\n')); err != nil {
		return fmt.Errorf("qmp %s: %w", command, errGone)
	}
	select {
	case got := <-m.answers:
		return decode(command, got, result)
	case <-m.done:
		return fmt.Errorf("qmp %s: %w", command, errGone)
	case <-ctx.Done():
		// The answer would be taken for the next command's: give up the line.
		_ = m.conn.Close()
		return fmt.Errorf("qmp %s: %w", command, ctx.Err())
	}
}

func decode(command string, got answer, result any) error {
	if got.Error != nil {
		return fmt.Errorf("qmp %s: %w", command, got.Error)
	}
	if result == nil {
		return nil
	}
	if err := json.Unmarshal(got.Return, result); err != nil {
		return fmt.Errorf("qmp %s: %w", command, err)
	}
	return nil
}

func (m *monitor) close() { _ = m.conn.Close() }
