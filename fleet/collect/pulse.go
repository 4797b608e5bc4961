package collect

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"time"

	"crofthci.io/croft/fleet/index"
)

// beat asks again and again whether the site answers. One refusal is enough to say that it does not: the rows stay, and
// say so. An answer that is late may be the hub's own fault, so it is asked for once more.
func (c *Collector) beat(ctx context.Context) {
	for ctx.Err() == nil {
		err := c.pulse(ctx)
		if errors.Is(err, errLate) || errors.Is(err, context.DeadlineExceeded) {
			err = c.pulse(ctx)
		}
		if ctx.Err() != nil {
			return
		}
		c.lock.Lock()
		c.health.Connected, c.health.Problem = err == nil, ""
		if err != nil {
			c.health.Problem = index.Long(err.Error())
		}
		h := c.copyHealth()
		c.lock.Unlock()
		c.line.set(err == nil)
		c.Metrics.pulse(c.ID, h)
		c.tell(h)
		sleep(ctx, jitter(c.Budget.Pulse), nil)
	}
}

// pulse asks for the site's version, which every user may read and which costs the site nothing.
func (c *Collector) pulse(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, c.Budget.Answer)
	defer cancel()
	response, err := c.get(ctx, "/version", nil)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return refusal(response)
	}
	if _, err := io.Copy(io.Discard, io.LimitReader(response.Body, 64<<10)); err != nil {
		return fmt.Errorf("read the site's version: %w", err)
	}
	c.heard()
	return nil
}

// jitter spreads what would otherwise happen at all sites in the same moment.
func jitter(d time.Duration) time.Duration {
	return d*3/4 + rand.N(d/2+1) //nolint:gosec // nothing secret
}

// sleep waits, unless the context ends or it is woken.
func sleep(ctx context.Context, d time.Duration, woken <-chan struct{}) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	case <-woken:
	}
}
