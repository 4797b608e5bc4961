package collect

import (
	"context"
	"errors"
	"fmt"
	"time"

	"crofthci.io/croft/fleet/index"
)

// pager lists a source page by page, over the rows that are there.
type pager struct {
	f     *follower
	begun time.Time
	// size is how many objects a page is asked to hold.
	size  int
	token string
	// before are the objects that have a row and have not been seen yet.
	before map[key]int
	// version is the list's, once its last page has been read.
	version string
}

// startList begins to list the source.
func (f *follower) startList(ctx context.Context) (*pager, error) {
	f.c.Metrics.listed(f.c.ID, f.source.Name())
	begun := time.Now()
	before, err := f.c.Index.Keys(ctx, f.c.ID, f.t, f.number)
	if err != nil {
		return nil, err
	}
	f.forgetSeen()
	return &pager{f: f, begun: begun, size: f.c.Budget.PageObjects, before: before}, nil
}

// forgetSeen begins anew to know what the source has.
func (f *follower) forgetSeen() {
	f.leftOut, f.seen, f.holds = 0, 0, false
	f.held.clear()
}

// next reads the next page and crosses out in before what is still there. Where it is larger than the budget, smaller ones
// are asked for.
func (p *pager) next(ctx context.Context) error {
	f := p.f
	for {
		leftOut := f.leftOut
		meta, err := f.page(ctx, p.size, p.token, func(object []byte) error { return f.see(ctx, object, p.before) })
		switch {
		case errors.Is(err, errTooLarge) && p.size > 1:
			p.size, f.leftOut = max(p.size/8, 1), leftOut
			continue
		case err != nil:
			return err
		case meta.Continue == "":
			p.version = meta.ResourceVersion
		case f.seen > 2*f.c.Budget.Objects:
			return fmt.Errorf("the site has more than twice the %d objects of its budget: %w", f.c.Budget.Objects, errTooLarge)
		}
		p.token = meta.Continue
		return nil
	}
}

// over says that the last page has been read.
func (p *pager) over() bool {
	return p.version != ""
}

// removeGone removes what has a row and was not seen.
func (p *pager) removeGone(ctx context.Context) error {
	for key := range p.before {
		if err := p.f.add(ctx, index.Change{Namespace: key.Namespace, Name: key.Name}); err != nil {
			return err
		}
	}
	return nil
}

// end notes that everything is known of the source.
func (p *pager) end() {
	f := p.f
	f.listed, f.listedAt, f.holds = true, time.Now(), true
	f.c.Metrics.listTook(f.c.ID, f.source.Name(), f.listedAt.Sub(p.begun))
}
