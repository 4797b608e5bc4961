package image_test

import (
	stdcmp "cmp"
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"crofthci.io/croft/backend/capability"
	"crofthci.io/croft/backend/image"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
)

func TestState(t *testing.T) {
	imported := func(status metav1.ConditionStatus, message string, more ...harvesterv1.Condition) harvesterv1.VirtualMachineImageStatus {
		first := harvesterv1.Condition{Type: harvesterv1.ImageImported, Status: status, Message: message}
		return harvesterv1.VirtualMachineImageStatus{Progress: 42, Conditions: append(more, first)}
	}
	used := imported(metav1.ConditionUnknown, "web runs with it")
	used.Conditions[0].Reason = harvesterv1.ImageReasonSourceUsed
	limit := harvesterv1.Condition{Type: harvesterv1.ImageRetryLimitExceeded, Status: metav1.ConditionTrue}
	cases := map[string]struct {
		reason string
		status harvesterv1.VirtualMachineImageStatus
		source harvesterv1.ImageSourceType
		upload string
		want   capability.State
	}{
		"New":         {reason: "nobody has looked yet", want: capability.State{Name: "Waiting", Transitioning: true}},
		"Downloading": {reason: "progress is told", status: imported(metav1.ConditionUnknown, ""), want: capability.State{Name: "Downloading", Transitioning: true, Message: "42 % of the bytes are there"}},
		"Active":      {reason: "one word says it all", status: imported(metav1.ConditionTrue, ""), want: capability.State{Name: "Active"}},
		"Missing":     {reason: "what is missing is told", status: imported(metav1.ConditionFalse, "no class"), want: capability.State{Name: "Waiting", Error: true, Message: "no class"}},
		"Failed":      {reason: "nothing more will be tried", status: imported(metav1.ConditionFalse, "404", limit), want: capability.State{Name: "Failed", Error: true, Message: "404"}},
		"Half":        {reason: "a status of which somebody wrote half is no reason to fall over", status: harvesterv1.VirtualMachineImageStatus{Conditions: []harvesterv1.Condition{limit}}, want: capability.State{Name: "Waiting", Transitioning: true}},
		"Upload":      {reason: "a person has to act, and nothing is wrong", status: imported(metav1.ConditionUnknown, "send it"), source: "upload", want: capability.State{Name: "Waiting", Message: "send it"}},
		"Uploading":   {reason: "progress is told of an upload, too", status: imported(metav1.ConditionUnknown, ""), source: "upload", upload: `{"id":"a","state":"sending","at":"noon"}`, want: capability.State{Name: "Uploading", Transitioning: true, Message: "42 % of the bytes are there"}},
		"Broken":      {reason: "a broken upload waits for another", status: imported(metav1.ConditionFalse, "it broke off"), source: "upload", upload: `{"id":"a","state":"failed","at":"noon"}`, want: capability.State{Name: "Waiting", Error: true, Message: "it broke off"}},
		"Used":        {reason: "who is in the way of a copy is told, and nothing is wrong", status: used, source: "export-from-volume", want: capability.State{Name: "Waiting", Transitioning: true, Message: "web runs with it"}},
		"Copying":     {reason: "a copy is no download", status: imported(metav1.ConditionUnknown, ""), source: "export-from-volume", want: capability.State{Name: "Copying", Transitioning: true, Message: "42 % of the bytes are there"}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			object := &harvesterv1.VirtualMachineImage{Status: tc.status}
			object.Spec.SourceType = stdcmp.Or(tc.source, harvesterv1.ImageSourceDownload)
			object.Annotations = map[string]string{harvesterv1.AnnotationUpload: tc.upload}
			if diff := cmp.Diff(tc.want, image.State(object)); diff != "" {
				t.Errorf("%s: -want +got:\n%s", tc.reason, diff)
			}
		})
	}
}
