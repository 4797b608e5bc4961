package image

import (
	"crofthci.io/croft/backend/capability"
	"crofthci.io/croft/backend/image/upload"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
)

// Actions are the verbs of an image, in the order the menu shows them.
var Actions = []capability.Action{
	capability.Send("upload", upload.Unless, upload.Receive).
		Needs("update", harvesterv1.GroupVersion, harvesterv1.VirtualMachineImages.Resource).
		Explained("Takes the bytes of an image of sourceType upload."),
}
