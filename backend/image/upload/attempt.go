package upload

import (
	"encoding/json"
	"fmt"
	"time"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
)

// States of an attempt.
const (
	// Sending is an attempt whose bytes are coming.
	Sending = "sending"
	// Sent is an attempt whose bytes have all been taken.
	Sent = "sent"
	// Failed is an attempt that ended before that.
	Failed = "failed"
)

// ReasonFailed is the reason in an image's condition that says that its last upload failed.
const ReasonFailed = "UploadFailed"

// ReasonReady is the reason in an image's condition that says that Longhorn waits for the bytes of the upload that the
// message names.
const ReasonReady = "UploadReady"

// Silence is how long nothing may be heard of an attempt before it counts as failed. A server that lives says something
// far more often.
const Silence = time.Minute

// Attempt is one try to upload the bytes of an image, as it stands in the image's annotation harvesterhci.io/upload.
type Attempt struct {
	// ID tells this attempt from others.
	ID string `json:"id"`
	// Size of the file in bytes.
	Size int64 `json:"size"`
	// VirtualSize of the disk inside in bytes, 0 when the beginning of the file does not tell it.
	VirtualSize int64 `json:"virtualSize"`
	// Sent is how many bytes have been sent.
	Sent int64 `json:"sent"`
	// State is Sending, Sent or Failed.
	State string `json:"state"`
	// Problem is why the attempt failed, in a sentence.
	Problem string `json:"problem,omitempty"`
	// At is when the attempt was last heard of, in RFC 3339.
	At string `json:"at"`
}

// Of reads the last attempt for an image; false when there is none.
func Of(image *harvesterv1.VirtualMachineImage) (Attempt, bool) {
	var attempt Attempt
	if json.Unmarshal([]byte(image.Annotations[harvesterv1.AnnotationUpload]), &attempt) != nil || attempt.ID == "" {
		return Attempt{}, false // none, or written by somebody who does not know how
	}
	return attempt, true
}

// UnderWay says whether the attempt is expected to go on. It is not once its failure has been counted.
func (a Attempt) UnderWay(image *harvesterv1.VirtualMachineImage) bool {
	return a.State == Sending && !a.Counted(image)
}

// Counted says whether the attempt's failure has been counted in the image's status. The count is made once and for all:
// by the time at which the attempt was last heard of.
func (a Attempt) Counted(image *harvesterv1.VirtualMachineImage) bool {
	return image.Status.LastFailedTime == a.At
}

// Trouble is why the attempt has failed, "" when it has not. An attempt of which nothing has been heard has.
func (a Attempt) Trouble(now time.Time) string {
	if a.State == Failed {
		return a.Problem
	}
	heard, err := time.Parse(time.RFC3339, a.At)
	if a.State == Sending && (err != nil || now.Sub(heard) > Silence) {
		return fmt.Sprintf("the upload broke off after %d of %d bytes: whoever took it has been silent since %s", a.Sent, a.Size, a.At)
	}
	return ""
}

// Progress is how much has been sent, in percent; 99 at most, because the last bytes are there only when CDI says so.
func (a Attempt) Progress() int {
	const percent, most = 100, 99
	if a.Size <= 0 {
		return 0
	}
	return int(min(max(percent*(float64(a.Sent)/float64(a.Size)), 0), most))
}

// text is the attempt as it stands in the annotation.
func (a Attempt) text() string {
	text, err := json.Marshal(a)
	if err != nil {
		return "" // numbers and strings always marshal
	}
	return string(text)
}
