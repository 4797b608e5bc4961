package image

import (
	"crofthci.io/croft/backend/capability"
	"crofthci.io/croft/backend/image/deliver"
	"crofthci.io/croft/backend/image/upload"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/kubevirt"
)

// Actions are the verbs of an image, in the order the menu shows them.
var Actions = []capability.Action{
	capability.Send("upload", upload.Unless, upload.Receive).
		Needs("update", harvesterv1.GroupVersion, harvesterv1.VirtualMachineImages.Resource).
		Explained("Takes the bytes of an image of sourceType upload."),
}

// Links are what can be fetched of an image. KubeVirt asks for the right to have the bytes of a claim offered.
var Links = []capability.Link{
	capability.Fetch("download", deliver.Fetch).
		Needs("create", kubevirt.ExportGroupVersion, kubevirt.Exports.Resource).
		Explained("The image's disk: as it is stored, or as qcow2 when the image has a VirtualMachineImageDownloader."),
	capability.Fetch("downloadcancel", deliver.Cancel).
		Needs("delete", harvesterv1.GroupVersion, harvesterv1.ImageDownloaders.Resource).
		Explained("Takes the image's downloader away."),
}
