package collect

import (
	"context"
	"time"

	"crofthci.io/croft/fleet/index"
)

// add puts a change into the batch and writes the batch when it is full.
func (f *follower) add(ctx context.Context, change index.Change) error {
	if len(f.batch) == 0 {
		f.batchBegun = time.Now()
	}
	f.batch, f.batchBytes = append(f.batch, change), f.batchBytes+len(change.Part)
	most := batchSize
	if f.along {
		most = mostAhead
	}
	if len(f.batch) < most && f.batchBytes < batchBytes {
		return nil
	}
	return f.flush(ctx, f.pendingVersion)
}

// batchOf is what is to be written.
func (f *follower) batchOf(version string) index.Batch {
	return index.Batch{Site: f.c.ID, Type: f.t, Source: f.number, Changes: f.batch, Version: version, LeftOut: f.leftOut, Epoch: f.cursor.Epoch}
}

// flush writes the batch, and what companions have for it. With a version, that is how far the source has been followed;
// while a list is being read there is none.
func (f *follower) flush(ctx context.Context, version string) error {
	if len(f.batch) == 0 && version == "" {
		return nil
	}
	batch, beside := f.batchOf(version), []index.Batch(nil)
	for _, c := range f.company {
		beside = append(beside, c.share(f, version != ""))
	}
	if err := f.write(ctx, batch, beside); err != nil {
		return err
	}
	if f.watching && len(f.batch) > 0 {
		f.c.Metrics.waitedFor(f.c.ID, time.Since(f.batchBegun))
	}
	// What has been written is let go; a watch that brings little keeps its small batch.
	if clear(f.batch); cap(f.batch) > smallBatch {
		f.batch = nil
	}
	f.batch, f.batchBytes = f.batch[:0], 0
	if version != "" {
		f.cursor.Version = version
	}
	if f.full {
		f.full = false
		f.tell()
	}
	return nil
}

// write writes batches, as fast as the site's budget lets it.
func (f *follower) write(ctx context.Context, batch index.Batch, beside []index.Batch) error {
	count := 0
	for _, each := range append([]index.Batch{batch}, beside...) {
		bytes := 0
		for _, change := range each.Changes {
			bytes += len(change.Part)
		}
		if err := f.c.limit.WaitN(ctx, min(cost(len(each.Changes), bytes), f.c.limit.Burst())); err != nil {
			return err
		}
		count += len(each.Changes)
	}
	if err := f.c.Index.Apply(ctx, batch, beside...); err != nil {
		return err
	}
	f.c.Metrics.wrote(f.c.ID, count)
	return nil
}
