package bulkoperation

import (
	"context"
	"sync"
	"sync/atomic"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"crofthci.io/croft/fleet/index"
	fleetv1 "crofthci.io/croft/pkg/apis/fleet/v1alpha1"
)

// asked is how many objects are looked at in one go, and lookers how many at the same time.
const (
	asked   = 100
	lookers = 10
)

// check asks the sites what they would say to each item, and does nothing. A cancelled operation needs no answer.
func (c *Controller) check(ctx context.Context, w *work) error {
	for w.op.Spec.Mode != fleetv1.BulkCancel {
		places := unchecked(w.op.Status.Items, asked)
		if len(places) == 0 {
			return nil
		}
		silent := &silence{}
		var awaited atomic.Bool
		each(places, lookers, func(place int) {
			item := &w.op.Status.Items[place]
			seen, err := silent.look(item.ID, func() (object, error) { return c.look(ctx, w, *item) })
			if err != nil && unreachable(err) && c.young() {
				awaited.Store(true)
				return
			}
			item.Check, item.Message = checked(w.op.Spec.Action, seen, err)
			item.Message = short(item.Message)
		})
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := c.write(ctx, w.op, fleetv1.BulkPending, "The sites are asked what they would say."); err != nil {
			return err
		}
		if awaited.Load() {
			return errAwaited
		}
	}
	return nil
}

// checked is what a site said when it was asked beforehand.
func checked(action string, seen object, err error) (fleetv1.BulkCheck, string) {
	switch {
	case err != nil && unreachable(err):
		return fleetv1.BulkCheckUnreachable, err.Error()
	case err != nil:
		return fleetv1.BulkCheckRefused, err.Error()
	case !seen.offers(action):
		return fleetv1.BulkCheckRefused, seen.because(action)
	default:
		return fleetv1.BulkCheckAllowed, ""
	}
}

// look looks at the object of an item at its site, as the creator. It is held to the rights that he has in the hub now,
// which the hub's own token would else lend him.
func (c *Controller) look(ctx context.Context, w *work, item fleetv1.BulkItem) (object, error) {
	key, ok := keyOf(item.ID)
	site, known := c.access.Index.Site(key.Site)
	if ok && c.young() && (!known || site.Stale()) {
		return object{}, &siteError{message: "The hub has just started and has not reached the site yet."}
	}
	if !ok || !c.access.Gets(person(w.op.Spec.Creator), w.kind, key) {
		return object{}, &siteError{status: 403, message: "You may not see this " + w.kind.Name + " any more, or not its site."}
	}
	if !site.Connected {
		return object{}, &siteError{message: "Site " + site.Name + " is not connected. " + site.Message}
	}
	return w.door.look(ctx, w.kind, key)
}

// settle looks what became of items that were sent when nobody heard the answer: the hub was restarted, or the answer was
// lost. None of them is sent again.
func (c *Controller) settle(ctx context.Context, w *work) error {
	places := unsettled(w.op.Status.Items)
	if len(places) == 0 {
		return nil
	}
	each(places, lookers, func(place int) {
		item := &w.op.Status.Items[place]
		seen, err := c.look(ctx, w, *item)
		since := waited(item, c.now())
		if err != nil && unreachable(err) {
			since = min(since, c.now().Sub(c.begun)) // while there was no hub, no site could answer it
		}
		item.State, item.Message = verdict(*item, w.op.Spec.Action, seen, err, since)
		item.Message = short(item.Message)
	})
	if err := ctx.Err(); err != nil {
		return err
	}
	return c.write(ctx, w.op, fleetv1.BulkRunning, waitSentence(count(w.op.Status.Items)))
}

// wave does the next items. First it is written down which ones go out; only what was written is sent, by whoever wrote
// it, and at once. When that cannot be written, nothing is sent.
func (c *Controller) wave(ctx context.Context, w *work) error {
	places := next(w.op.Status.Items, int(max(w.op.Spec.WaveSize, 1)))
	now := metav1.NewTime(c.now())
	var awaited atomic.Bool
	each(places, len(places), func(place int) {
		item := &w.op.Status.Items[place]
		seen, err := c.look(ctx, w, *item)
		if err != nil && unreachable(err) && c.young() {
			awaited.Store(true)
			return
		}
		prepare(item, w.op.Spec.Action, seen, err, now)
	})
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := c.write(ctx, w.op, fleetv1.BulkRunning, waveSentence(count(w.op.Status.Items))); err != nil {
		return err
	}
	if err := c.send(ctx, w, places); err != nil {
		return err
	}
	if awaited.Load() {
		return errAwaited
	}
	return nil
}

// prepare makes an item ready to be sent, or gives it its end.
func prepare(item *fleetv1.BulkItem, action string, seen object, err error, now metav1.Time) {
	switch {
	case err != nil && unreachable(err):
		item.State, item.Message = fleetv1.BulkItemFailed, "Nothing was sent: "+err.Error()
	case err != nil:
		item.State, item.Message = fleetv1.BulkItemFailed, err.Error()
	case !seen.offers(action):
		item.State, item.Message = fleetv1.BulkItemSkipped, seen.because(action)
	default:
		item.State, item.Message = fleetv1.BulkItemSent, ""
		item.UID, item.ResourceVersion, item.SentTime = seen.uid(), seen.version(), &now
	}
	item.Message = short(item.Message)
}

// send sends the items of a wave and writes down each answer as it comes. A hub that is told to stop still hears what it
// has sent.
func (c *Controller) send(ctx context.Context, w *work, places []int) error {
	var input []byte
	if w.op.Spec.Input != nil {
		input = w.op.Spec.Input.Raw
	}
	answers := make(chan answer, len(places))
	lasting := context.WithoutCancel(ctx)
	var under sync.WaitGroup
	for _, place := range places {
		item := w.op.Status.Items[place]
		if item.State != fleetv1.BulkItemSent {
			continue
		}
		under.Go(func() {
			key, _ := keyOf(item.ID)
			answers <- answered(place, item, w.door.act(lasting, w.kind, key, w.op.Spec.Action, input))
		})
	}
	go func() {
		under.Wait()
		close(answers)
	}()
	return c.record(ctx, w.op, answers)
}

// answer is an item with what its site said.
type answer struct {
	place int
	item  fleetv1.BulkItem
}

// answered is an item after its site's answer. One that may have been done or not stays Sent, to be looked at.
func answered(place int, item fleetv1.BulkItem, err error) answer {
	switch {
	case err == nil:
		item.State, item.Message = fleetv1.BulkItemSucceeded, ""
	case unreachable(err):
		item.Message = err.Error()
	default:
		item.State, item.Message = fleetv1.BulkItemFailed, err.Error()
	}
	item.Message = short(item.Message)
	return answer{place: place, item: item}
}

// each does something for each place, some at the same time.
func each(places []int, most int, do func(place int)) {
	var under sync.WaitGroup
	room := make(chan struct{}, most)
	for _, place := range places {
		room <- struct{}{}
		under.Go(func() {
			defer func() { <-room }()
			do(place)
		})
	}
	under.Wait()
}

// silence remembers which sites do not answer, so that each of their objects is not waited for.
type silence struct {
	lock  sync.Mutex
	sites map[string]error
}

func (s *silence) look(id string, ask func() (object, error)) (object, error) {
	var key index.Key
	key, _ = keyOf(id)
	s.lock.Lock()
	err := s.sites[key.Site]
	s.lock.Unlock()
	if err != nil {
		return object{}, err
	}
	seen, err := ask()
	if err != nil && unreachable(err) {
		s.lock.Lock()
		defer s.lock.Unlock()
		if s.sites == nil {
			s.sites = map[string]error{}
		}
		s.sites[key.Site] = err
	}
	return seen, err
}
