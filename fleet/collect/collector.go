package collect

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"
	"k8s.io/client-go/rest"

	"crofthci.io/croft/fleet/index"
)

// Collector follows one site. Its fields are set before Run and not changed after.
type Collector struct {
	// ID is the site's id; it is the site of everything that is written.
	ID string
	// Config is how the site's Kubernetes API is reached. Its Host may have a path.
	Config *rest.Config
	// Types are what is followed.
	Types []*index.Type
	// Index is where it is written.
	Index *index.Index
	// Budget is what the site may cost.
	Budget Budget
	// Metrics may be nil.
	Metrics *Metrics
	// Report is told how the site is whenever that changes, and at every pulse.
	Report func(Health)

	ready  sync.Once
	broken error
	client *http.Client
	base   *url.URL
	limit  *rate.Limiter
	// bytes is how much is kept of the site.
	bytes atomic.Int64
	// lists holds a place for each list that may run at once, so that a page of each source is not held in memory.
	lists chan struct{}
	line  line

	lock   sync.Mutex
	health Health
}

// Health is how a site is as its collector sees it.
type Health struct {
	// Connected says whether the site answered the last pulse.
	Connected bool
	// Problem is why it did not.
	Problem string
	// LastHeard is when it last answered.
	LastHeard time.Time
	// Sources are how each source is, by name.
	Sources map[string]SourceHealth
}

// SourceHealth is how far one source has come.
type SourceHealth struct {
	// Listed says that the source has been listed to its end, now or before the hub's last restart.
	Listed bool
	// Live says that a watch is open.
	Live bool
	// LeftOut counts the objects that have no row because they are beyond the budget or cannot be read.
	LeftOut int
	// Problem is the last failure, empty while the watch is open.
	Problem string
	// Full says that what is read cannot be written, because the hub's disk is full.
	Full bool
	// Epoch is the one of the index that Listed is about.
	Epoch int
}

// Run follows the site until the context ends.
func (c *Collector) Run(ctx context.Context) error {
	if err := c.prepare(); err != nil {
		return err
	}
	var group sync.WaitGroup
	for _, t := range c.Types {
		for _, f := range c.followersOf(t) {
			c.setSource(f.source.Name(), SourceHealth{})
			group.Go(func() { f.run(ctx) })
		}
	}
	group.Go(func() { c.beat(ctx) })
	group.Wait()
	c.client.CloseIdleConnections()
	c.Metrics.forget(c.ID)
	return nil
}

// followersOf are those of a type's sources. The first lists the others along with its own.
func (c *Collector) followersOf(t *index.Type) (all []*follower) {
	for number, source := range t.Sources {
		all = append(all, &follower{c: c, t: t, number: number, source: source, held: newHolding(&c.bytes)})
	}
	all[0].others = all[1:]
	for _, other := range all[0].others {
		other.turn = make(chan struct{})
	}
	return all
}

// Read reads one small thing of the site, such as a setting, with the collector's connection and within its budget.
func (c *Collector) Read(ctx context.Context, where string) ([]byte, error) {
	if err := c.prepare(); err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, 2*c.Budget.Answer)
	defer cancel()
	response, err := c.get(ctx, where, nil)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, refusal(response)
	}
	return io.ReadAll(io.LimitReader(response.Body, int64(c.Budget.ObjectBytes)))
}

// prepare makes the connection's client, once.
func (c *Collector) prepare() error {
	c.ready.Do(func() { c.broken = c.connect() })
	return c.broken
}

func (c *Collector) connect() error {
	base, err := url.Parse(c.Config.Host)
	if err != nil {
		return fmt.Errorf("address of site %s: %w", c.ID, err)
	}
	config := rest.CopyConfig(c.Config)
	config.Timeout = 0
	// A client of its own: no other site shares the connection, so that none waits behind this one's bytes.
	config.Dial = newDial()
	client, err := rest.HTTPClientFor(config)
	if err != nil {
		return fmt.Errorf("connect to site %s: %w", c.ID, err)
	}
	c.base, c.client = base, client
	c.limit = rate.NewLimiter(rate.Limit(c.Budget.Changes), max(c.Budget.Changes, c.Budget.largest()))
	c.lists = make(chan struct{}, 2)
	c.line.open = make(chan struct{})
	c.lock.Lock()
	defer c.lock.Unlock()
	c.health.Sources = map[string]SourceHealth{}
	return nil
}

// Health is how the site is now.
func (c *Collector) Health() Health {
	c.lock.Lock()
	defer c.lock.Unlock()
	return c.copyHealth()
}

func (c *Collector) copyHealth() Health {
	h := c.health
	h.Sources = make(map[string]SourceHealth, len(c.health.Sources))
	for name, source := range c.health.Sources {
		h.Sources[name] = source
	}
	return h
}

func (c *Collector) setSource(name string, source SourceHealth) {
	c.lock.Lock()
	if before, ok := c.health.Sources[name]; ok && before == source {
		c.lock.Unlock()
		return
	}
	c.health.Sources[name] = source
	h := c.copyHealth()
	c.lock.Unlock()
	c.tell(h)
}

func (c *Collector) tell(h Health) {
	if c.Report != nil {
		c.Report(h)
	}
}

// heard notes that the site has said something.
func (c *Collector) heard() {
	c.lock.Lock()
	defer c.lock.Unlock()
	c.health.LastHeard = time.Now()
}
