package bulkoperation

import (
	"context"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	fleetv1 "crofthci.io/croft/pkg/apis/fleet/v1alpha1"
)

// write writes the items and how far the operation is. It fails when somebody has changed the operation since it was
// read, so that nothing is done that he may have forbidden.
func (c *Controller) write(ctx context.Context, op *fleetv1.BulkOperation, phase fleetv1.BulkPhase, message string) error {
	op.Status.Phase, op.Status.Message, op.Status.Counts = phase, message, count(op.Status.Items)
	return c.client.Status().Update(ctx, op)
}

// end writes that an operation has ended.
func (c *Controller) end(ctx context.Context, op *fleetv1.BulkOperation, phase fleetv1.BulkPhase, message string) error {
	now := metav1.NewTime(c.now())
	op.Status.EndTime = &now
	return c.write(ctx, op, phase, message)
}

// again is how long it is waited before an answer is written once more, and lastTry how long a hub that stops tries.
const (
	again   = 200 * time.Millisecond
	lastTry = 10 * time.Second
)

// record writes down the answers of a wave as they come, those that have come together in one go. It goes on until they
// are written or the hub stops: an answer that is not written down is one that nobody has heard.
func (c *Controller) record(ctx context.Context, op *fleetv1.BulkOperation, answers <-chan answer) error {
	for first := range answers {
		batch := gather(first, answers)
		for {
			err := c.recordOnce(ctx, op, batch)
			if err == nil {
				break
			}
			if apierrors.IsNotFound(err) || ctx.Err() != nil {
				return err
			}
			wait(ctx, again)
		}
	}
	return nil
}

// gather takes what has come by now.
func gather(first answer, answers <-chan answer) []answer {
	batch := []answer{first}
	for {
		select {
		case more, open := <-answers:
			if !open {
				return batch
			}
			batch = append(batch, more)
		default:
			return batch
		}
	}
}

// recordOnce writes answers into the operation as it is now: somebody may have changed what he wants meanwhile.
func (c *Controller) recordOnce(ctx context.Context, op *fleetv1.BulkOperation, batch []answer) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), lastTry)
	defer cancel()
	now := &fleetv1.BulkOperation{}
	if err := c.live.Get(ctx, client.ObjectKeyFromObject(op), now); err != nil {
		return err
	}
	if now.UID != op.UID || ended(now.Status.Phase) {
		return nil
	}
	for _, each := range batch {
		apply(now.Status.Items, each)
	}
	return c.write(ctx, now, fleetv1.BulkRunning, waveSentence(count(now.Status.Items)))
}

// apply takes an answer over, if it is the one to what is written there.
func apply(items []fleetv1.BulkItem, a answer) {
	if a.place >= len(items) {
		return
	}
	item := &items[a.place]
	if item.ID == a.item.ID && item.State == fleetv1.BulkItemSent && item.SentTime.Equal(a.item.SentTime) {
		*item = a.item
	}
}

// wait waits, or until the context ends.
func wait(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
	case <-ctx.Done():
	}
}
