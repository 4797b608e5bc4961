package guest

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"testing"
)

// request is one command as QEMU reads it.
type request struct {
	Execute string
	ID      int
}

// qemu plays QEMU's end of a monitor: answer says what to write for a command.
func qemu(t *testing.T, answer func(request) string) *monitor {
	t.Helper()
	ours, theirs := net.Pipe()
	t.Cleanup(func() { _ = theirs.Close() })
	go func() {
		_, _ = theirs.Write([]byte(`{"QMP": {"version": {}}}` + "\n"))
		lines := bufio.NewReader(theirs)
		for {
			line, err := lines.ReadBytes('\n')
			if err != nil {
				return
			}
			var r request
			_ = json.Unmarshal(line, &r)
			said := fmt.Sprintf(`{"return": {}, "id": %d}`, r.ID)
			if r.Execute != "qmp_capabilities" {
				said = answer(r)
			}
			if said != "" {
				_, _ = theirs.Write([]byte(said + "\n"))
			}
		}
	}()
	m, err := newMonitor(t.Context(), ours)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestMonitor(t *testing.T) {
	for reason, test := range map[string]struct {
		answer func(request) string
		want   string
		cause  string
	}{
		"an answer": {
			answer: func(r request) string { return fmt.Sprintf(`{"return": "yes", "id": %d}`, r.ID) }, want: "yes",
		},
		"a refusal": {
			answer: func(r request) string { return fmt.Sprintf(`{"error": {"class": "c", "desc": "no"}, "id": %d}`, r.ID) }, cause: "qmp ask: no",
		},
		"events and others' answers are for nobody": {
			answer: func(r request) string {
				return fmt.Sprintf(`{"event": "STOP", "data": {}}`+"\n"+`{"return": "late", "id": %d}`+"\n"+`{"return": "yes", "id": %d}`, r.ID-1, r.ID)
			},
			want: "yes",
		},
	} {
		m := qemu(t, test.answer)
		var got string
		err := m.run(t.Context(), "ask", nil, &got)
		if got != test.want || (err == nil) != (test.cause == "") || err != nil && err.Error() != test.cause {
			t.Errorf("%s: got %q, %v; want %q, %s", reason, got, err, test.want, test.cause)
		}
	}
}

// TestMonitorOutlivesItsCallers gives up one question and asks the next.
func TestMonitorOutlivesItsCallers(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	slow := make(chan int, 1)
	m := qemu(t, func(r request) string {
		if r.Execute == "slow" {
			slow <- r.ID
			cancel() // who asked waits no longer
			return ""
		}
		return fmt.Sprintf(`{"return": "late", "id": %d}`+"\n"+`{"return": "yes", "id": %d}`, <-slow, r.ID)
	})
	if err := m.run(ctx, "slow", nil, nil); !errors.Is(err, context.Canceled) {
		t.Fatalf("a question that nobody answers: %v", err)
	}
	var got string
	if err := m.run(t.Context(), "next", nil, &got); err != nil || got != "yes" {
		t.Errorf("the next answer is %q, %v", got, err)
	}
}
