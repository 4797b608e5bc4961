package main

import (
	"fmt"
	"io"
	"sync"
	"time"
)

// progress tells a person what has happened, with the seconds since the start.
type progress struct {
	out   io.Writer
	began time.Time
	lock  sync.Mutex
}

func newProgress(out io.Writer) *progress { return &progress{out: out, began: time.Now()} }

// say prints one line about one cluster.
func (p *progress) say(cluster, format string, values ...any) {
	p.lock.Lock()
	defer p.lock.Unlock()
	fmt.Fprintf(p.out, "[%5.1f s] %-8s %s\n", time.Since(p.began).Seconds(), cluster, fmt.Sprintf(format, values...))
}
