package image

import (
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"crofthci.io/croft/backend/capability"
	"crofthci.io/croft/backend/image/upload"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
)

// State is the word for an image: Active when volumes can be cut from it, Failed when nothing more will be tried,
// Downloading, Uploading, Copying or Waiting before that.
func State(image *harvesterv1.VirtualMachineImage) capability.State {
	conditions := image.Status.Conditions
	progress := fmt.Sprintf("%d %% of the bytes are there", image.Status.Progress)
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
	case image.Spec.SourceType == harvesterv1.ImageSourceUpload:
		return stateOfUpload(image, imported, progress)
	case imported.Status == metav1.ConditionFalse:
		return capability.State{Name: "Waiting", Transitioning: image.Status.Failed > 0, Error: true, Message: imported.Message}
	case imported.Reason == harvesterv1.ImageReasonSourceUsed:
		return capability.State{Name: "Waiting", Transitioning: true, Message: imported.Message}
	case image.Spec.SourceType != harvesterv1.ImageSourceDownload:
		return capability.State{Name: "Copying", Transitioning: true, Message: progress}
	default:
		return capability.State{Name: "Downloading", Transitioning: true, Message: progress}
	}
}

// stateOfUpload is the word for an image that somebody has to send, or sends.
func stateOfUpload(image *harvesterv1.VirtualMachineImage, imported *harvesterv1.Condition, progress string) capability.State {
	attempt, begun := upload.Of(image)
	switch {
	case imported.Status == metav1.ConditionFalse:
		return capability.State{Name: "Waiting", Error: true, Message: imported.Message}
	case begun && !attempt.Counted(image):
		return capability.State{Name: "Uploading", Transitioning: true, Message: progress}
	default:
		return capability.State{Name: "Waiting", Message: imported.Message}
	}
}
