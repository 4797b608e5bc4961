package steve

import "testing"

func TestReadiness(t *testing.T) {
	var r readiness
	if !r.set(true, "") || r.set(true, "") || !r.set(false, "The list is not ready.") {
		t.Error("a change is told once")
	}
	r.set(true, "")
	r.stop()
	if r.set(true, "") {
		t.Error("a server that stops does not become ready again")
	}
	if ready, says := r.get(); ready || says != "The server is stopping." {
		t.Errorf("and says so: %t %q", ready, says)
	}
}

func TestEnter(t *testing.T) {
	s := &Server{}
	left, other := s.enter(), s.enter()
	left()
	left() // a websocket leaves when it is taken over, and again when its handler ends
	if got := s.underWay.Load(); got != 1 {
		t.Errorf("a request leaves once: %d under way", got)
	}
	other()
	s.Drain(t.Context())
}
