package number

import (
	"context"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/types"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
)

// keyOf reads "namespace/name", and says whether it is that.
func keyOf(id string) (types.NamespacedName, bool) {
	namespace, name, found := strings.Cut(id, "/")
	return types.NamespacedName{Namespace: namespace, Name: name}, found && namespace != "" && name != ""
}

// ofTemplate are the versions of a template.
func (c *Controller) ofTemplate(ctx context.Context, template client.Object) []ctrl.Request {
	id := template.GetNamespace() + "/" + template.GetName()
	return c.those(ctx, func(version *harvesterv1.VirtualMachineTemplateVersion) bool { return version.Spec.TemplateID == id })
}

// ofImage are the versions whose machines are cut from an image.
func (c *Controller) ofImage(ctx context.Context, image client.Object) []ctrl.Request {
	id := image.GetNamespace() + "/" + image.GetName()
	return c.those(ctx, func(version *harvesterv1.VirtualMachineTemplateVersion) bool {
		return slices.Contains(version.Images(), id)
	})
}

func (c *Controller) those(ctx context.Context, wanted func(*harvesterv1.VirtualMachineTemplateVersion) bool) []ctrl.Request {
	all := &harvesterv1.VirtualMachineTemplateVersionList{}
	if err := c.Client.List(ctx, all); err != nil {
		return nil // the cache is ending
	}
	var requests []ctrl.Request
	for i := range all.Items {
		if wanted(&all.Items[i]) {
			requests = append(requests, ctrl.Request{NamespacedName: client.ObjectKeyFromObject(&all.Items[i])})
		}
	}
	return requests
}
