package driver

import (
	"fmt"
	"net/netip"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/kubevirt"
)

// sentence is what a person is told of what was last seen of a machine.
func (s *seen) sentence(card string) string {
	if s.err != nil {
		return missing(fmt.Sprintf("the site cannot be asked any more (%s); before that, %s", s.err, s.known(card)))
	}
	return s.known(card)
}

// known is how the machine was when the site has last told of it.
func (s *seen) known(card string) string {
	if problem := s.vm.Annotations[harvesterv1.AnnotationClaimProblem]; problem != "" {
		return problem
	}
	if problem := s.vm.Annotations[harvesterv1.AnnotationInsufficientQuota]; problem != "" {
		return problem
	}
	state := kubevirt.StateOf(s.vm, s.vmi)
	switch {
	case state.Name == string(kubevirt.StatusUnschedulable):
		return "unschedulable: " + state.Message
	case runs(s.vmi) && !kubevirt.InstanceIs(s.vmi, kubevirt.InstanceAgentConnected):
		return fmt.Sprintf("it runs, and nobody has said the address of its card %s: neither a DHCP server, nor the guest agent, which is not connected", card)
	case runs(s.vmi):
		return fmt.Sprintf("it runs, and its guest agent knows no IPv4 address of its card %s", card)
	case state.Message != "":
		return "it is " + state.Name + ": " + state.Message
	default:
		return "it is " + state.Name
	}
}

// runs says whether an instance is one that runs now.
func runs(vmi *kubevirt.VirtualMachineInstance) bool {
	return vmi != nil && vmi.Status.Phase == kubevirt.PhaseRunning && vmi.DeletionTimestamp == nil
}

// addressesOf are the first address of version 4 and of version 6 of a card that others can reach, "" for none.
func addressesOf(vmi *kubevirt.VirtualMachineInstance, card string) (v4, v6 string) {
	if vmi == nil {
		return "", ""
	}
	for _, known := range vmi.Status.Interfaces {
		if known.Name != card {
			continue
		}
		for _, text := range append([]string{known.IP}, known.IPs...) {
			address, err := netip.ParseAddr(text)
			switch {
			case err != nil || !address.IsGlobalUnicast() && !address.IsLoopback():
			case address.Is4() && v4 == "":
				v4 = address.String()
			case address.Is6() && v6 == "":
				v6 = address.String()
			}
		}
	}
	return v4, v6
}

// unlessComing says why an image will not come by itself, "" when it will.
func unlessComing(image *harvesterv1.VirtualMachineImage) string {
	name := image.Namespace + "/" + image.Name
	if image.DeletionTimestamp != nil {
		return "image " + name + " is being removed"
	}
	for _, kind := range []string{harvesterv1.ImageInitialized, harvesterv1.ImageImported} {
		condition := harvesterv1.ConditionOf(image.Status.Conditions, kind)
		if condition != nil && condition.Status == metav1.ConditionFalse && image.Status.Failed > image.Spec.Retry {
			return "image " + name + " has failed: " + condition.Message
		}
	}
	if harvesterv1.ConditionIsTrue(image.Status.Conditions, harvesterv1.ImageRetryLimitExceeded) {
		return "image " + name + " has failed, and is tried no more"
	}
	return ""
}

// imageSentence is how far an image has come.
func imageSentence(image *harvesterv1.VirtualMachineImage) string {
	return fmt.Sprintf("image %s/%s importing %d %%", image.Namespace, image.Name, image.Status.Progress)
}
