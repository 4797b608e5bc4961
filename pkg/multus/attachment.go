package multus

import (
	"context"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// GroupVersion is where attachments are served.
var GroupVersion = schema.GroupVersion{Group: "k8s.cni.cncf.io", Version: "v1"}

// AttachmentKind is the kind in full.
var AttachmentKind = GroupVersion.WithKind("NetworkAttachmentDefinition")

// Attachments is the kind as it stands in a URL and in RBAC rules.
var Attachments = GroupVersion.WithResource("network-attachment-definitions")

// Named is an attachment as a machine names it: namespace/name, or a name beside the machine.
func Named(text, beside string) types.NamespacedName {
	if namespace, name, found := strings.Cut(text, "/"); found {
		return types.NamespacedName{Namespace: namespace, Name: name}
	}
	return types.NamespacedName{Namespace: beside, Name: text}
}

// Get reads what there is of an attachment. That it is not there is the API server's own error.
func Get(ctx context.Context, reader client.Reader, key types.NamespacedName) (*metav1.PartialObjectMetadata, error) {
	attachment := &metav1.PartialObjectMetadata{}
	attachment.SetGroupVersionKind(AttachmentKind)
	return attachment, reader.Get(ctx, key, attachment)
}
