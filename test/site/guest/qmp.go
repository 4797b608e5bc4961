package guest

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"
)

// monitor speaks QMP, QEMU's JSON protocol, on one connection. Answers are known
// by the number of their command, so one that nobody waits for any more does no
// harm; events are not listened to, for the state is asked for.
type monitor struct {
	conn net.Conn
	done chan struct{}

	writing sync.Mutex

	mu      sync.Mutex
	number  int
	waiting map[int]chan answer
}

type answer struct {
	Number int             `json:"id"`
	Return json.RawMessage `json:"return"`
	Error  *qmpError       `json:"error"`
}

type qmpError struct {
	Class string `json:"class"`
	Desc  string `json:"desc"`
}

func (e *qmpError) Error() string { return e.Desc }

// errLost is the answer when the connection to QEMU has ended, as it does with
// QEMU itself.
var errLost = errors.New("the machine's QEMU has hung up")

// writeTimeout is enough for a line to a QEMU that reads at all.
const writeTimeout = 10 * time.Second

// newMonitor greets QEMU on an open connection.
func newMonitor(ctx context.Context, conn net.Conn) (*monitor, error) {
	m := &monitor{conn: conn, done: make(chan struct{}), waiting: map[int]chan answer{}}
	go m.read()
	if err := m.run(ctx, "qmp_capabilities", nil, nil); err != nil {
		m.close()
		return nil, err
	}
	return m, nil
}

func (m *monitor) read() {
	defer close(m.done)
	lines := bufio.NewReader(m.conn)
	for {
		line, err := lines.ReadBytes('\n')
		if err != nil {
			return
		}
		var got answer
		if json.Unmarshal(line, &got) == nil {
			m.deliver(got)
		}
	}
}

// deliver hands an answer to whom it is for. The greeting and events are for
// nobody: they have no number.
func (m *monitor) deliver(got answer) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if waiter := m.waiting[got.Number]; waiter != nil {
		waiter <- got // it has room for the one answer
	}
}

// run sends a command and decodes what it returns into result, if not nil. Who
// gives up waiting leaves the connection as it is.
func (m *monitor) run(ctx context.Context, command string, arguments, result any) error {
	number, waiter := m.wait()
	defer m.forget(number)
	request := map[string]any{"execute": command, "id": number}
	if arguments != nil {
		request["arguments"] = arguments
	}
	line, err := json.Marshal(request)
	if err != nil {
		return fmt.Errorf("qmp %s: %w", command, err)
	}
	if err := m.send(append(line, '\n')); err != nil {
		return fmt.Errorf("qmp %s: %w", command, err)
	}
	select {
	case got := <-waiter:
		return decode(command, got, result)
	case <-m.done:
		return fmt.Errorf("qmp %s: %w", command, errLost)
	case <-ctx.Done():
		return fmt.Errorf("qmp %s: %w", command, ctx.Err())
	}
}

func (m *monitor) wait() (int, chan answer) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.number++
	waiter := make(chan answer, 1)
	m.waiting[m.number] = waiter
	return m.number, waiter
}

func (m *monitor) forget(number int) {
	m.mu.Lock()
	defer m.mu.Unlock()
	delete(m.waiting, number)
}

// send writes a whole line. Half a line would spoil the next one, so a connection
// that takes no more is given up.
func (m *monitor) send(line []byte) error {
	m.writing.Lock()
	defer m.writing.Unlock()
	_ = m.conn.SetWriteDeadline(time.Now().Add(writeTimeout)) // a closed one says so when it is written to
	if _, err := m.conn.Write(line); err != nil {
		m.close()
		return errLost
	}
	return nil
}

// broken is true when the connection has ended.
func (m *monitor) broken() bool {
	select {
	case <-m.done:
		return true
	default:
		return false
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
