package image

import (
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"crofthci.io/croft/backend/capability"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
)

// State is the word for an image: Active when volumes can be cut from it, Failed when nothing more will be tried,
// Downloading or Waiting before that.
func State(image *harvesterv1.VirtualMachineImage) capability.State {
	conditions := image.Status.Conditions
	imported := harvesterv1.ConditionOf(conditions, harvesterv1.ImageImported)
	switch {
	case image.DeletionTimestamp != nil:
		return capability.State{Name: "Removing", Transitioning: true}
	case image.Ready():
		return capability.State{Name: "Active"}
	case imported == nil:
		return capability.State{Name: "Waiting", Transitioning: true}
	case harvesterv1.ConditionIsTrue(conditions, harvesterv1.ImageRetryLimitExceeded):
		return capability.State{Name: "Failed", Error: true, Message: imported.Message}
	case imported.Status == metav1.ConditionFalse:
		return capability.State{Name: "Waiting", Transitioning: image.Status.Failed > 0, Error: true, Message: imported.Message}
	case image.Spec.SourceType == harvesterv1.ImageSourceUpload:
		return capability.State{Name: "Waiting", Message: imported.Message}
	default:
		return capability.State{
			Name: "Downloading", Transitioning: true, Message: fmt.Sprintf("%d %% of the bytes are there", image.Status.Progress),
		}
	}
}
