package fill

import (
	"errors"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"crofthci.io/croft/backend/image/upload"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/phase"
)

// Reasons in the conditions of an image and in its events.
const (
	// ReasonImported says that all bytes are there and checked.
	ReasonImported = "Imported"
	// ReasonImporting says that the bytes are coming.
	ReasonImporting = "Importing"
	// ReasonMeasured says that the sizes of the file and of the disk inside are known.
	ReasonMeasured = "Measured"
	// ReasonDownloadFailed says that the last attempt failed; the message has the server's or the importer's words.
	ReasonDownloadFailed = "DownloadFailed"
	// ReasonCopyFailed says that the last attempt to copy a volume failed; the message has CDI's words.
	ReasonCopyFailed = "CopyFailed"
	// ReasonUploadFailed says that the last upload failed. The image waits for another one.
	ReasonUploadFailed = upload.ReasonFailed
	// ReasonChecksumMismatch says that the file is not the one that checksum was taken of. No further attempt is made.
	ReasonChecksumMismatch = "ChecksumMismatch"
	// ReasonClassNotFound says that the storage class does not exist.
	ReasonClassNotFound = "StorageClassNotFound"
	// ReasonNameTaken says that a volume of the image's name exists and is somebody else's.
	ReasonNameTaken = "NameTaken"
	// ReasonDisplayNameTaken says that another image of the namespace has the display name, and goes first.
	ReasonDisplayNameTaken = "DisplayNameTaken"
	// ReasonVolumeRefused says that the volume was refused, by a quota or by CDI.
	ReasonVolumeRefused = "VolumeRefused"
	// ReasonVolumeLost says that somebody took the volume away.
	ReasonVolumeLost = "VolumeLost"
	// ReasonSizeUnknown says that the file does not tell the size of the disk inside.
	ReasonSizeUnknown = "SizeUnknown"
	// ReasonUploadAwaited says that the image waits for somebody to send the bytes.
	ReasonUploadAwaited = "UploadAwaited"
	// ReasonUploading says that somebody is sending the bytes.
	ReasonUploading = "Uploading"
	// ReasonSourceNotReady says that the volume or the image to copy is not there, or not yet.
	ReasonSourceNotReady = "SourceNotReady"
	// ReasonUploadReady says that Longhorn waits for the bytes of an upload that has begun; the message names the upload.
	ReasonUploadReady = upload.ReasonReady
	// ReasonClassRefused says that the storage class of the image's own was refused.
	ReasonClassRefused = "StorageClassRefused"
	// ReasonFormatUnknown says that the backend takes no file of this format.
	ReasonFormatUnknown = "FormatNotServed"
	// ReasonBackingImageThere says that the backing image with the bytes is there.
	ReasonBackingImageThere = "BackingImageThere"
	// ReasonBackendUnknown says that the backend is not served here.
	ReasonBackendUnknown = "BackendNotServed"
	// ReasonSourceUnknown says that the source type is not served here.
	ReasonSourceUnknown = "SourceTypeNotServed"
	// ReasonRetriesLeft says that a failure would be followed by another attempt.
	ReasonRetriesLeft = "RetriesLeft"
)

// errFinished ends the run for an image that has nothing left to do.
var errFinished = errors.New("finished")

func notFinished(stopped error) error {
	if errors.Is(stopped, errFinished) {
		return nil
	}
	return stopped
}

// describe writes the conditions that say how the run ended, in the one place that does.
func (c *Controller) describe(image *image, stopped error) {
	image.Status.ObservedGeneration = image.Generation
	conditions := phase.Health(notFinished(stopped), ReasonUploadAwaited)
	if !errors.Is(stopped, errFinished) {
		conditions = append(conditionsOf(image, stopped), conditions...)
	}
	for _, condition := range conditions {
		image.Status.Conditions = harvesterv1.SetCondition(image.Status.Conditions, condition, c.Now())
	}
}

// missing says whether the backing image of an image with all its bytes is gone, which only who looks for it knows.
func (c *Controller) missing(image *image, why string) {
	condition := harvesterv1.Condition{
		Type: harvesterv1.ImageBackingImageMissing, Status: metav1.ConditionFalse, Reason: ReasonBackingImageThere,
	}
	if why != "" {
		condition.Status, condition.Reason, condition.Message = metav1.ConditionTrue, ReasonVolumeLost, why
	}
	image.Status.Conditions = harvesterv1.SetCondition(image.Status.Conditions, condition, c.Now())
}

// conditionsOf says in conditions where a run ended.
func conditionsOf(image *image, stopped error) []harvesterv1.Condition {
	imported := harvesterv1.Condition{Type: harvesterv1.ImageImported, Status: metav1.ConditionTrue, Reason: ReasonImported}
	limit := harvesterv1.Condition{
		Type: harvesterv1.ImageRetryLimitExceeded, Status: metav1.ConditionFalse, Reason: ReasonRetriesLeft,
	}
	if stopped == nil {
		return []harvesterv1.Condition{initializedOf(image, imported, nil), imported, limit}
	}
	imported.Status, imported.Reason, imported.Message = metav1.ConditionUnknown, ReasonImporting, stopped.Error()
	if stop, ok := phase.StopOf(stopped); ok {
		imported.Reason = stop.Reason
		if !isProgress(stop.Reason) {
			imported.Status = metav1.ConditionFalse
		}
		if stop.Stalled && isFailure(stop.Reason) {
			limit.Status, limit.Reason, limit.Message = metav1.ConditionTrue, stop.Reason, stop.Message
		}
	}
	return []harvesterv1.Condition{initializedOf(image, imported, stopped), imported, limit}
}

// initializedOf says whether the source was reached. While that may still come it is Unknown and says nothing: Harvester's
// Terraform provider takes a message in this condition, and its page the status False, for the end of the image.
func initializedOf(image *image, imported harvesterv1.Condition, stopped error) harvesterv1.Condition {
	initialized := harvesterv1.Condition{Type: harvesterv1.ImageInitialized, Status: metav1.ConditionUnknown, Reason: imported.Reason}
	if image.Status.VirtualSize > 0 {
		initialized.Status, initialized.Reason = metav1.ConditionTrue, ReasonMeasured
		return initialized
	}
	if stop, ok := phase.StopOf(stopped); ok && stop.Stalled && !isProgress(stop.Reason) {
		initialized.Status, initialized.Message = metav1.ConditionFalse, imported.Message
	}
	return initialized
}

// isProgress says whether a reason is no trouble: the bytes come, or somebody may send them.
func isProgress(reason string) bool {
	return reason == ReasonImporting || reason == harvesterv1.ImageReasonSourceUsed || reason == ReasonUploadAwaited || reason == ReasonUploadReady || reason == ReasonUploading
}

// isFailure says whether a reason is that of an attempt that counts against the image's retries.
func isFailure(reason string) bool {
	return reason == ReasonDownloadFailed || reason == ReasonChecksumMismatch || reason == ReasonCopyFailed
}

// failureOf is the reason of the last failure, also when something else has been in the way since.
func failureOf(image *image) string {
	imported := harvesterv1.ConditionOf(image.Status.Conditions, harvesterv1.ImageImported)
	if imported != nil && isFailure(imported.Reason) {
		return imported.Reason
	}
	return failureBy(image.Spec.SourceType)
}

// failureBy is the reason for a failure of a source.
func failureBy(source harvesterv1.ImageSourceType) string {
	switch source {
	case harvesterv1.ImageSourceDownload:
		return ReasonDownloadFailed
	case harvesterv1.ImageSourceUpload:
		return ReasonUploadFailed
	default:
		return ReasonCopyFailed
	}
}
