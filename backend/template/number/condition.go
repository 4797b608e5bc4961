package number

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/phase"
)

// describe says to programs that wait where the run ended. One that failed, or that looked at what is not so any more, says
// nothing: it is done again.
func (c *Controller) describe(version *harvesterv1.VirtualMachineTemplateVersion, stopped error) {
	if stop, ok := phase.StopOf(stopped); stopped != nil && (!ok || stop.Reason == ReasonAssigned) {
		return
	}
	version.Status.ObservedGeneration = version.Generation
	version.Status.Conditions = harvesterv1.SetConditions(version.Status.Conditions, phase.Health(stopped), c.Now())
}

// wait says what a version waits for before machines can be made of it.
func (c *Controller) wait(s *subject, reason, message string) error {
	c.say(s, harvesterv1.TemplateVersionReady, metav1.ConditionFalse, reason, message)
	return phase.Wait(reason, 0, "%s", message)
}

func (c *Controller) say(s *subject, kind string, status metav1.ConditionStatus, reason, message string) {
	s.Status.Conditions = harvesterv1.SetCondition(s.Status.Conditions,
		harvesterv1.Condition{Type: kind, Status: status, Reason: reason, Message: message}, c.Now())
}
