package tunnel

import (
	"bufio"
	"errors"
	"net"
	"os"
	"testing"
	"time"
)

func TestHeard(t *testing.T) {
	const longEnough = 2 * time.Second // for a busy machine to speak

	ours, theirs := net.Pipe()
	defer theirs.Close()

	conn, buffer, err := heard(ours, bufio.NewReadWriter(bufio.NewReader(ours), bufio.NewWriter(ours)), longEnough)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()

	// What the websocket asks for does not make the connection more patient.
	if err := conn.SetReadDeadline(time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}

	go theirs.Write([]byte("ping")) //nolint:errcheck // the reader tells

	word := make([]byte, 4)
	if _, err := buffer.Read(word); err != nil || string(word) != "ping" {
		t.Fatalf("who speaks is heard: %q, %v", word, err)
	}

	if _, err := buffer.Read(word); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Errorf("who is silent is given up: %v", err)
	}
}

func TestHeardTooEarly(t *testing.T) {
	ours, theirs := net.Pipe()
	defer ours.Close()
	defer theirs.Close()

	reader := bufio.NewReader(ours)
	go theirs.Write([]byte("x")) //nolint:errcheck // the reader tells

	if _, err := reader.Peek(1); err != nil {
		t.Fatal(err)
	}

	if _, _, err := heard(ours, bufio.NewReadWriter(reader, bufio.NewWriter(ours)), time.Second); err == nil {
		t.Error("bytes before the tunnel is open are refused, for they would be lost")
	}
}
