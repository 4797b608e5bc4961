package collect

import (
	"context"
	"strings"

	"crofthci.io/croft/fleet/index"
)

// A row of several sources is written once while a site is listed for the first time, with all of its parts: the follower of
// the rows' own source lists the others along with its own, a page ahead. Until it has, or has failed at a site that
// answers, the others wait; what it could not list they list by themselves.

// companion is a source that is listed along.
type companion struct {
	*pager
}

// await waits until it is the follower's turn to list by itself, and says whether it has come.
func (f *follower) await(ctx context.Context) bool {
	if f.turn == nil {
		return true
	}
	select {
	case <-f.turn:
		return true
	case <-ctx.Done():
		return false
	}
}

// release lets the others go on by themselves, once there is nothing more to list along with them: at a site that does not
// answer nobody has a list.
func (f *follower) release() {
	if !f.listed && f.c.line.woken() != nil {
		return
	}
	for _, other := range f.others {
		close(other.turn)
	}
	f.others = nil
}

// accompany begins to list the others that have not been listed yet either.
func (f *follower) accompany(ctx context.Context) error {
	f.company = nil
	for _, other := range f.others {
		cursor, err := other.resume(ctx)
		if err != nil {
			return err
		}
		if other.listed || cursor.Epoch != f.cursor.Epoch {
			continue
		}
		list, err := other.startList(ctx)
		if err != nil {
			return err
		}
		other.along = true
		f.company = append(f.company, companion{list})
	}
	return nil
}

// keepCompany has each companion go on. Who fails is left behind.
func (f *follower) keepCompany(goOn func(companion) error) {
	kept := f.company[:0]
	for _, c := range f.company {
		if goOn(c) != nil {
			c.leave()
			continue
		}
		kept = append(kept, c)
	}
	f.company = kept
}

// keepAhead reads until a page more is known than of the source itself. Both come in the order of their addresses; where
// they do not, rows are written twice, and nothing else.
func (c companion) keepAhead(ctx context.Context, first *follower) error {
	for !c.over() && len(c.f.batch)-c.reaching(first) < c.size {
		if err := c.next(ctx); err != nil {
			return err
		}
	}
	return nil
}

// finish reads what is left.
func (c companion) finish(ctx context.Context) error {
	for !c.over() {
		if err := c.next(ctx); err != nil {
			return err
		}
	}
	return c.removeGone(ctx)
}

// reaching is how many of the changes that wait are of objects up to the last that waits of the source itself.
func (c companion) reaching(first *follower) int {
	if len(first.batch) == 0 {
		return 0
	}
	last := first.batch[len(first.batch)-1]
	for count, change := range c.f.batch {
		if compareAddresses(change, last) > 0 {
			return count
		}
	}
	return len(c.f.batch)
}

// compareAddresses is the order in which an API server lists.
func compareAddresses(a, b index.Change) int {
	if order := strings.Compare(a.Namespace, b.Namespace); order != 0 {
		return order
	}
	return strings.Compare(a.Name, b.Name)
}

// leave has the source be listed by itself, as if nothing had been seen of it.
func (c companion) leave() {
	c.f.along, c.f.batch, c.f.batchBytes = false, nil, 0
	c.f.forgetSeen()
}

// leaveAll is for a list that has failed.
func (f *follower) leaveAll() {
	for _, c := range f.company {
		c.leave()
	}
	f.company = nil
}

// share takes off what goes with a batch of the source itself: what reaches as far, or all, with the version, at the end.
func (c companion) share(first *follower, end bool) index.Batch {
	count, version := len(c.f.batch), c.version
	if !end {
		count, version = c.reaching(first), ""
	}
	share := c.f.batchOf(version)
	share.Changes, c.f.batch = share.Changes[:count:count], share.Changes[count:]
	for _, change := range share.Changes {
		c.f.batchBytes -= len(change.Part)
	}
	return share
}

// arrive notes that what was listed along has come to its end too.
func (f *follower) arrive() {
	for _, c := range f.company {
		c.f.batch, c.f.batchBytes, c.f.along = nil, 0, false
		c.f.cursor.Version = c.version
		c.end()
	}
	f.company = nil
}
