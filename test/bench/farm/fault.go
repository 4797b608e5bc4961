package farm

import (
	"net/http"
	"sync/atomic"
	"time"
)

// Fault is what is wrong with a site.
type Fault string

// The faults.
const (
	// None is nothing.
	None Fault = ""
	// Dead takes requests and answers none; open watches fall silent.
	Dead Fault = "dead"
	// Slow takes five seconds for every answer.
	Slow Fault = "slow"
)

// slowness is how long a slow site takes.
const slowness = 5 * time.Second

// faulty is a site that can be made to have a fault.
type faulty struct {
	handler http.Handler
	fault   atomic.Value
}

func (f *faulty) now() Fault {
	fault, _ := f.fault.Load().(Fault)
	return fault
}

// ServeHTTP answers, or does not.
func (f *faulty) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch f.now() {
	case Dead:
		<-r.Context().Done()
		return
	case Slow:
		timer := time.NewTimer(slowness)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-r.Context().Done():
			return
		}
	}
	f.handler.ServeHTTP(w, r)
}
