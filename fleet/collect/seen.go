package collect

import (
	"context"

	"k8s.io/apimachinery/pkg/watch"

	"crofthci.io/croft/fleet/index"
)

type key = index.Key

// see takes an object of a list.
func (f *follower) see(ctx context.Context, object []byte, before map[key]int) error {
	f.seen++
	h, part, ok := f.read(object)
	if !ok {
		f.leave()
		return nil
	}
	delete(before, key{Site: f.c.ID, Namespace: h.Namespace, Name: h.Name})
	f.held.put(h.Namespace, h.Name, len(part))
	return f.add(ctx, index.Change{Namespace: h.Namespace, Name: h.Name, Part: part})
}

// told takes an object of a watch. Whether it is new is seen by whether it has a row: what the site says of it counts for
// those alone that have none, to know whether they were left out before.
func (f *follower) told(ctx context.Context, told watched) error {
	h, part, ok := f.read(told.Object)
	if h.Name != "" {
		f.pendingVersion = h.ResourceVersion
	}
	known := h.Name != "" && f.held.has(h.Namespace, h.Name)
	switch {
	case ok && told.Type != watch.Deleted:
		if !known && told.Type == watch.Modified {
			f.unleave()
		}
		f.held.put(h.Namespace, h.Name, len(part))
		return f.add(ctx, index.Change{Namespace: h.Namespace, Name: h.Name, Part: part})
	case known:
		if told.Type != watch.Deleted {
			f.leave()
		}
		f.held.drop(h.Namespace, h.Name)
		return f.add(ctx, index.Change{Namespace: h.Namespace, Name: h.Name})
	case told.Type == watch.Added:
		f.leave()
	case told.Type == watch.Deleted:
		f.unleave()
	}
	return nil
}

// read takes from an object its address and what the index keeps of it. An address that is none is not given; an object
// that cannot be read or is beyond the budget is not ok.
func (f *follower) read(object []byte) (h header, part []byte, ok bool) {
	h, err := headerOf(object)
	if err == nil {
		err = h.check()
	}
	if err != nil {
		return header{}, nil, false
	}
	if len(object) > f.c.Budget.ObjectBytes {
		return h, nil, false
	}
	part, err = f.source.Trim(object)
	if err != nil || len(part) > f.c.Budget.PartBytes {
		return h, nil, false
	}
	return h, part, f.held.fits(h.Namespace, h.Name, len(part), f.c.Budget)
}

// leave counts an object that gets no row.
func (f *follower) leave() {
	f.leftOut++
	f.c.Metrics.leftOut(f.c.ID, f.source.Name())
	if f.watching {
		f.tell()
	}
}

// unleave counts an object no more that had no row: it has one now, or is gone.
func (f *follower) unleave() {
	f.leftOut = max(0, f.leftOut-1)
	if f.watching {
		f.tell()
	}
}
