package tunnel

import (
	"bufio"
	"errors"
	"net"
	"time"
)

// silence is how long a caller may say nothing before his tunnel is taken for
// dead: he pings every five seconds, so this is four pings lost. remotedialer
// itself waits a minute, in which every request to a site whose link broke
// without a word would hang.
const silence = 20 * time.Second

// heardConn is a connection that fails when nothing was heard for some time.
type heardConn struct {
	net.Conn
	silence time.Duration
}

// Read waits for the next bytes as long as silence lasts.
func (c heardConn) Read(p []byte) (int, error) {
	if err := c.Conn.SetReadDeadline(time.Now().Add(c.silence)); err != nil {
		return 0, err
	}

	return c.Conn.Read(p)
}

// SetReadDeadline does nothing: this connection has its own idea of too long.
func (c heardConn) SetReadDeadline(time.Time) error { return nil }

// SetDeadline is for writing alone, for the same reason.
func (c heardConn) SetDeadline(t time.Time) error { return c.Conn.SetWriteDeadline(t) }

// heard puts a connection that was taken over under watch, its buffer included:
// the websocket reads from the buffer.
func heard(conn net.Conn, buffer *bufio.ReadWriter, silence time.Duration) (net.Conn, *bufio.ReadWriter, error) {
	if buffer.Reader.Buffered() > 0 {
		return nil, nil, errors.New("the caller spoke before his tunnel was open")
	}

	watched := heardConn{conn, silence}

	return watched, bufio.NewReadWriter(bufio.NewReader(watched), buffer.Writer), nil
}
