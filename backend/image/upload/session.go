package upload

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/uuid"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/util/retry"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/backend/capability"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/cdi"
)

const (
	// beat is how often is written how many bytes have been sent, and quiet how often when none have.
	beat  = 2 * time.Second
	quiet = Silence / 4
	// look is how often is looked whether the volume is there, and patience how long it may take to be.
	look     = 500 * time.Millisecond
	patience = 2 * time.Minute
	// stall is for how long no byte may come or go. A client that is gone is not heard of while CDI takes nothing of what it
	// has sent, and one that is there and sends nothing keeps others from sending.
	stall = 5 * time.Minute
	// soon is how long something in the way may take to go out of it by itself.
	soon = 5 * time.Second
	// farewell is how long the end of an attempt may take to be written, also when the client is gone.
	farewell = 10 * time.Second
)

// Why an attempt ends before its deed does.
var (
	// errReplaced says that the attempt is not the image's last one any more.
	errReplaced = errors.New("the attempt is not the last one any more")
	// errStalled says that no byte moves any more.
	errStalled = errors.New("no byte moves any more")
)

// session is an attempt while it is made, as the caller.
type session struct {
	client  client.Client
	key     types.NamespacedName
	attempt Attempt
	// beat and stall are the constants of these names.
	beat, stall time.Duration
}

// begin writes down that an attempt is made. Of two that begin at the same time, one does.
func begin(ctx context.Context, caller capability.Caller, of *image, size, virtual int64) (*session, error) {
	s := &session{
		client: caller.Client, key: client.ObjectKeyFromObject(of), beat: beat, stall: stall,
		attempt: Attempt{ID: string(uuid.NewUUID()), Size: size, VirtualSize: virtual, State: Sending},
	}
	err := retry.RetryOnConflict(retry.DefaultRetry, func() error {
		now := &image{}
		if err := s.client.Get(ctx, s.key, now); err != nil {
			return err
		}
		if sentence := Unless(now); sentence != "" {
			return refusedError(sentence)
		}
		before := now.DeepCopy()
		if now.Annotations == nil {
			now.Annotations = map[string]string{}
		}
		s.attempt.At = stamp()
		now.Annotations[harvesterv1.AnnotationUpload] = s.attempt.text()
		return s.client.Patch(ctx, now, client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{}))
	})
	if sentence, ok := errors.AsType[refusedError](err); ok {
		return nil, conflict(s.key.Name, "%s", string(sentence))
	}
	if err != nil {
		return nil, fmt.Errorf("begin the upload: %w", err)
	}
	return s, nil
}

// refusedError is why an attempt cannot begin. It is no conflict that trying again would solve.
type refusedError string

func (r refusedError) Error() string { return string(r) }

// stamp is the time to a fraction of a second: two attempts in one second are two.
func stamp() string { return time.Now().UTC().Format(time.RFC3339Nano) }

// while does the deed, writes meanwhile how far it has come, and ends the deed when the attempt was replaced or stalls.
func (s *session) while(ctx context.Context, sent *atomic.Int64, deed func(context.Context) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := s.tell(ctx, sent); err != nil {
			cancel(err)
		}
	}()
	err := deed(ctx)
	switch why := context.Cause(ctx); {
	case err != nil && errors.Is(why, errReplaced):
		err = conflict(s.key.Name, "The upload was given up: the image was removed, or another upload of it was begun.")
	case err != nil && errors.Is(why, errStalled):
		err = broke(sent.Load(), s.attempt.Size, fmt.Errorf("none has come or gone for %s", s.stall))
	}
	cancel(nil)
	<-done
	return err
}

// tell writes how many bytes have been sent, until the context ends.
func (s *session) tell(ctx context.Context, sent *atomic.Int64) error {
	ticker := time.NewTicker(s.beat)
	defer ticker.Stop()
	moved := time.Now()
	for told := moved; ; {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
		now := sent.Load()
		if now != s.attempt.Sent {
			moved = time.Now()
		}
		if now < s.attempt.Size && time.Since(moved) > s.stall {
			return errStalled
		}
		if now == s.attempt.Sent && time.Since(told) < quiet {
			continue
		}
		s.attempt.Sent, told = now, time.Now()
		if err := s.write(ctx); errors.Is(err, errReplaced) {
			return err
		} // any other failure is made good by the next beat
	}
}

// write writes the attempt as it is now, unless it is not the image's last one any more. Of the version that was looked at:
// another attempt that begins meanwhile is not written over.
func (s *session) write(ctx context.Context) error {
	now := &image{}
	err := s.client.Get(ctx, s.key, now)
	if apierrors.IsNotFound(err) {
		return errReplaced
	}
	if err != nil {
		return err
	}
	if last, ok := Of(now); !ok || last.ID != s.attempt.ID || last.Counted(now) {
		return errReplaced
	}
	s.attempt.At = stamp()
	patch, err := json.Marshal(map[string]any{"metadata": map[string]any{
		"annotations":     map[string]string{harvesterv1.AnnotationUpload: s.attempt.text()},
		"resourceVersion": now.ResourceVersion,
	}})
	if err != nil {
		return err
	}
	return s.client.Patch(ctx, now, client.RawPatch(types.MergePatchType, patch))
}

// end writes how the attempt ended, and answers why it failed. It does so also for a client that is gone.
func (s *session) end(ctx context.Context, sent int64, failure error) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), farewell)
	defer cancel()
	s.attempt.Sent, s.attempt.State = sent, Sent
	if failure != nil {
		s.attempt.State, s.attempt.Problem = Failed, failure.Error()
	}
	err := retry.OnError(retry.DefaultBackoff, func(err error) bool { return !errors.Is(err, errReplaced) }, func() error {
		return s.write(ctx)
	})
	if failure != nil || err == nil || errors.Is(err, errReplaced) {
		return failure
	}
	return fmt.Errorf("write down that the upload is complete: %w", err)
}

// awaitVolume waits until the volume of this very attempt takes bytes.
func (s *session) awaitVolume(ctx context.Context) error {
	began, reason := time.Now(), "its volume is being made"
	err := wait.PollUntilContextTimeout(ctx, look, patience, true, func(ctx context.Context) (bool, error) {
		volume := &cdi.DataVolume{}
		err := s.client.Get(ctx, s.key, volume)
		if err == nil && volume.Annotations[harvesterv1.AnnotationUpload] == s.attempt.ID && cdi.StateOf(volume).Ready {
			return true, nil
		}
		if client.IgnoreNotFound(err) != nil {
			return false, fmt.Errorf("look for the volume: %w", err)
		}
		imported, err := s.imported(ctx)
		if err != nil || imported.Message == "" {
			return false, err
		}
		reason = strings.TrimSuffix(imported.Message, ".")
		return false, s.unlessWorth(imported, began)
	})
	if wait.Interrupted(err) && ctx.Err() == nil {
		return conflict(s.key.Name, "The image is not ready to take bytes: %s. Try again later.", reason)
	}
	return err
}

// imported is what the image says of its bytes now.
func (s *session) imported(ctx context.Context) (harvesterv1.Condition, error) {
	now := &image{}
	if err := s.client.Get(ctx, s.key, now); err != nil {
		return harvesterv1.Condition{}, fmt.Errorf("look at the image: %w", err)
	}
	if imported := harvesterv1.ConditionOf(now.Status.Conditions, harvesterv1.ImageImported); imported != nil {
		return *imported, nil
	}
	return harvesterv1.Condition{}, nil
}

// unlessWorth ends the waiting for an image that something is wrong with for longer than a moment.
func (s *session) unlessWorth(imported harvesterv1.Condition, began time.Time) error {
	if imported.Status == metav1.ConditionFalse && imported.Reason != ReasonFailed && time.Since(began) > soon {
		return conflict(s.key.Name, "The image cannot take bytes: %s.", strings.TrimSuffix(imported.Message, "."))
	}
	return nil
}
