// Package image says what the hub's index holds of a site's image. It reads nothing and serves nothing. Begin reading with
// Type.
package image

import (
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"crofthci.io/croft/fleet/index"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
)

// Type is the row of an image.
var Type = &index.Type{
	Name:        "image",
	Plural:      "images",
	Description: "An image that volumes of one of the sites start from, as the hub last saw it.",
	Sources: []index.Source{{
		Resource: harvesterv1.GroupVersion.WithResource("virtualmachineimages"), Trim: index.TrimOne("image", keep), Optional: true,
	}},
	Columns: []index.Column{
		{Name: "state", Aliases: []string{"metadata.state.name"}, Description: "Active, Downloading, Uploading, Copying, Waiting, Failed or Removing."},
		{Name: "displayName", Aliases: []string{"spec.displayName"}, Description: "What people call it.", Searched: true},
		{Name: "progress", Kind: index.Number, Aliases: []string{"status.progress"}, Description: "How many percent of the bytes are there."},
		{Name: "size", Kind: index.Number, Aliases: []string{"status.size"}, Description: "The size of the file in bytes; 0 while it is unknown."},
		{Name: "sourceType", Aliases: []string{"spec.sourceType"}, Description: "Where it comes from, such as download or upload."},
		{Name: "source", Description: "The address, or the volume as namespace and name, that it comes from.", Searched: true},
		{Name: "storageClass", Aliases: []string{"status.storageClassName"}, Description: "The storage class of volumes that start from it."},
	},
	Join: index.JoinOne("image", row),
}

// kept is what is kept of an image.
type kept struct {
	index.Meta
	Name        string                      `json:"name,omitempty"`
	Description string                      `json:"description,omitempty"`
	SourceType  harvesterv1.ImageSourceType `json:"sourceType,omitempty"`
	Source      string                      `json:"source,omitempty"`
	Class       string                      `json:"class,omitempty"`
	Progress    int                         `json:"progress,omitempty"`
	Size        int64                       `json:"size,omitempty"`
	VirtualSize int64                       `json:"virtualSize,omitempty"`
	Failed      int                         `json:"failed,omitempty"`
	Imported    metav1.ConditionStatus      `json:"imported,omitempty"`
	Message     string                      `json:"message,omitempty"`
	GivenUp     bool                        `json:"givenUp,omitempty"`
}

func keep(image *harvesterv1.VirtualMachineImage) kept {
	k := kept{
		Meta: index.MetaOf(&image.ObjectMeta), Name: index.Short(image.Spec.DisplayName), Description: index.Long(image.Spec.Description),
		SourceType: index.Short(image.Spec.SourceType), Source: sourceOf(image), Class: index.Short(image.Status.StorageClassName),
		Progress: image.Status.Progress, Size: image.Status.Size, VirtualSize: image.Status.VirtualSize, Failed: image.Status.Failed,
		GivenUp: harvesterv1.ConditionIsTrue(image.Status.Conditions, harvesterv1.ImageRetryLimitExceeded),
	}
	if imported := harvesterv1.ConditionOf(image.Status.Conditions, harvesterv1.ImageImported); imported != nil {
		k.Imported, k.Message = index.Short(imported.Status), index.Long(imported.Message)
	}
	return k
}

func sourceOf(image *harvesterv1.VirtualMachineImage) string {
	if image.Spec.PVCName != "" {
		return index.Short(image.Spec.PVCNamespace + "/" + image.Spec.PVCName)
	}
	return index.Long(image.Spec.URL)
}

func row(k *kept) index.Row {
	word, state := stateOf(k)
	r := k.Row(word, state, map[string]any{
		"displayName": k.Name, "progress": int64(k.Progress), "size": k.Size, "sourceType": string(k.SourceType), "source": k.Source,
		"storageClass": k.Class,
	})
	r.Shown = map[string]any{"virtualSize": k.VirtualSize, "description": k.Description}
	return r
}

// stateOf says in a word how an image is, as a site does of itself.
func stateOf(k *kept) (string, index.State) {
	progress := fmt.Sprintf("%d %% of the bytes are there.", k.Progress)
	switch {
	case k.Imported == metav1.ConditionTrue:
		return "Active", index.State{}
	case k.Imported == "":
		return "Waiting", index.State{Transitioning: true}
	case k.GivenUp:
		return "Failed", index.State{Error: true, Message: k.Message}
	case k.Imported == metav1.ConditionFalse:
		return "Waiting", index.State{Transitioning: k.Failed > 0, Error: true, Message: k.Message}
	case k.SourceType == harvesterv1.ImageSourceUpload && k.Progress == 0:
		return "Waiting", index.State{Message: k.Message}
	case k.SourceType == harvesterv1.ImageSourceUpload:
		return "Uploading", index.State{Transitioning: true, Message: progress}
	case k.SourceType == harvesterv1.ImageSourceDownload:
		return "Downloading", index.State{Transitioning: true, Message: progress}
	default:
		return "Copying", index.State{Transitioning: true, Message: progress}
	}
}
