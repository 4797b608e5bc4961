package cdi_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	cdiv1 "kubevirt.io/containerized-data-importer-api/pkg/apis/core/v1beta1"

	"crofthci.io/croft/pkg/cdi"
)

func TestStateOf(t *testing.T) {
	running := func(status corev1.ConditionStatus, reason, message string) []cdiv1.DataVolumeCondition {
		return []cdiv1.DataVolumeCondition{{Type: cdiv1.DataVolumeRunning, Status: status, Reason: reason, Message: message}}
	}
	cases := map[string]struct {
		reason string
		status cdiv1.DataVolumeStatus
		want   cdi.State
	}{
		"New": {
			reason: "a volume that CDI has not seen has come nowhere",
			want:   cdi.State{},
		},
		"Scheduled": {
			reason: "a progress that is not a number counts as none",
			status: cdiv1.DataVolumeStatus{Phase: cdiv1.ImportScheduled, Progress: "N/A"},
			want:   cdi.State{},
		},
		"Running": {
			reason: "progress is whole percent",
			status: cdiv1.DataVolumeStatus{
				Phase: cdiv1.ImportInProgress, Progress: "42.97%", Conditions: running(corev1.ConditionTrue, "Pod is running", ""),
			},
			want: cdi.State{Progress: 42},
		},
		"Done": {
			reason: "a volume that succeeded is done, whatever was said before",
			status: cdiv1.DataVolumeStatus{
				Phase: cdiv1.Succeeded, RestartCount: 2, Conditions: running(corev1.ConditionFalse, "Completed", "Import Complete"),
			},
			want: cdi.State{Progress: 100, Done: true},
		},
		"UploadReady": {
			reason: "a volume says when its bytes may be sent",
			status: cdiv1.DataVolumeStatus{
				Phase: cdiv1.UploadReady, Progress: "N/A", Conditions: running(corev1.ConditionTrue, "Pod is running", ""),
			},
			want: cdi.State{Ready: true},
		},
		"NotFound": {
			reason: "the server's words are kept",
			status: cdiv1.DataVolumeStatus{
				Phase: cdiv1.ImportInProgress, Progress: "N/A",
				Conditions: running(corev1.ConditionFalse, "Error", "expected status code 200, got 404. Status: 404 Not Found"),
			},
			want: cdi.State{Failed: true, Message: "expected status code 200, got 404. Status: 404 Not Found"},
		},
		"Restarted": {
			reason: "an importer that runs again has failed before",
			status: cdiv1.DataVolumeStatus{
				Phase: cdiv1.ImportInProgress, Progress: "3%", RestartCount: 1, Conditions: running(corev1.ConditionTrue, "Pod is running", ""),
			},
			want: cdi.State{Progress: 3, Failed: true, Message: "the importer stopped 1 times and gave no reason"},
		},
		"Checksum": {
			reason: "a wrong checksum will be wrong again",
			status: cdiv1.DataVolumeStatus{
				Phase: cdiv1.Failed, Conditions: running(corev1.ConditionFalse, "ChecksumError", "checksum mismatch"),
			},
			want: cdi.State{Failed: true, Final: true, Message: "checksum mismatch"},
		},
		"Refused": {
			reason: "a claim that CDI cannot make is said, and is no failed attempt",
			status: cdiv1.DataVolumeStatus{
				Phase: cdiv1.Pending,
				Conditions: []cdiv1.DataVolumeCondition{{
					Type: cdiv1.DataVolumeBound, Status: corev1.ConditionFalse, Reason: "ErrExceededQuota", Message: "exceeded quota",
				}},
			},
			want: cdi.State{Blocked: true, Message: "exceeded quota"},
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got := cdi.StateOf(&cdi.DataVolume{Status: tc.status})
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("%s: -want +got:\n%s", tc.reason, diff)
			}
		})
	}
}
