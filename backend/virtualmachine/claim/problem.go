package claim

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"sigs.k8s.io/controller-runtime/pkg/client"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/kubevirt"
	"crofthci.io/croft/pkg/phase"
)

// Reasons in events on a machine.
const (
	// ReasonTemplatesInvalid says that the claim templates cannot be read.
	ReasonTemplatesInvalid = "VolumeClaimTemplatesInvalid"
	// ReasonClaimBlocked says that a claim cannot be made or grown until something else changes; the message names it.
	ReasonClaimBlocked = "VolumeClaimBlocked"
	// ReasonClaimMade says that a claim was made.
	ReasonClaimMade = "VolumeClaimMade"
	// ReasonClaimGrown says that a claim was enlarged.
	ReasonClaimGrown = "VolumeClaimGrown"
	// ReasonClaimRemoved says that a claim went with its machine.
	ReasonClaimRemoved = "VolumeClaimRemoved"
	// ReasonClaimKept says that a claim was to go with its machine and stays, because somebody else uses it.
	ReasonClaimKept = "VolumeClaimKept"
)

// reasonGone is why nothing is done for a machine that is only remembered. Nobody is told: there is nobody to tell.
const reasonGone = "MachineGone"

// lookAgain is how soon a blocked claim is looked at again, if nothing has happened before.
const lookAgain = time.Minute

// blockedError is what is in the way of one claim, in a sentence for a person.
type blockedError string

func (b blockedError) Error() string { return string(b) }

func blocked(format string, args ...any) error {
	return blockedError(fmt.Sprintf(format, args...))
}

// refused makes a problem of an answer that trying again would not change.
func refused(err error, doing string) error {
	if apierrors.IsInvalid(err) || apierrors.IsForbidden(err) || apierrors.IsBadRequest(err) {
		return blocked("cannot %s: %s", doing, err)
	}
	return fmt.Errorf("%s: %w", doing, err)
}

// gather looks at every template, so that one claim does not wait for another's trouble.
func gather(templates []Template, do func(Template) error) error {
	var problems []string
	var failures []error
	for _, template := range templates {
		err := do(template)
		if trouble, ok := errors.AsType[blockedError](err); ok {
			problems = append(problems, string(trouble))
		} else if err != nil {
			failures = append(failures, err)
		}
	}
	if len(failures) > 0 {
		return errors.Join(failures...)
	}
	if len(problems) > 0 {
		return phase.Wait(ReasonClaimBlocked, lookAgain, "%s", strings.Join(problems, "; "))
	}
	return nil
}

// say writes what is in the way to the machine, and takes it away when nothing is. An event is sent when it changes.
func (c *Controller) say(ctx context.Context, vm *kubevirt.VirtualMachine, stopped error) error {
	reason, sentence, ours := sentenceOf(stopped)
	if ours || vm.Annotations[harvesterv1.AnnotationClaimProblem] == sentence || vm.DeletionTimestamp != nil {
		return nil
	}
	before := vm.DeepCopy()
	if sentence == "" {
		delete(vm.Annotations, harvesterv1.AnnotationClaimProblem)
	} else {
		c.event(vm, nil, corev1.EventTypeWarning, reason, sentence)
		if vm.Annotations == nil {
			vm.Annotations = map[string]string{}
		}
		vm.Annotations[harvesterv1.AnnotationClaimProblem] = sentence
	}
	return client.IgnoreNotFound(c.Client.Patch(ctx, vm, client.MergeFrom(before)))
}

// sentenceOf is what a run's end means to a user: what is in the way, "" when nothing is. What failed on our side is
// tried again, and nothing that a user could act on.
func sentenceOf(stopped error) (reason, sentence string, ours bool) {
	if stop, ok := phase.StopOf(stopped); ok {
		return stop.Reason, stop.Message, false
	}
	return "", "", stopped != nil
}
