package driver

import (
	"context"
	"fmt"
	"time"

	authorizationv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"sigs.k8s.io/controller-runtime/pkg/client"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/kubevirt"
	"crofthci.io/croft/pkg/multus"
)

// reach is how long a site may take to answer one question.
const reach = 30 * time.Second

// kinds are what the driver reads and writes, and whether they are in namespaces. They are written down here so that nobody
// has to ask the site about them each time that the driver is started, which is for every command.
var kinds = map[schema.GroupVersionKind]meta.RESTScope{
	kubevirt.VirtualMachineKind:                                           meta.RESTScopeNamespace,
	kubevirt.VirtualMachineInstanceKind:                                   meta.RESTScopeNamespace,
	harvesterv1.GroupVersion.WithKind("VirtualMachineImage"):              meta.RESTScopeNamespace,
	harvesterv1.GroupVersion.WithKind("KeyPair"):                          meta.RESTScopeNamespace,
	multus.AttachmentKind:                                                 meta.RESTScopeNamespace,
	instanceTypes.WithKind("VirtualMachineInstancetype"):                  meta.RESTScopeNamespace,
	instanceTypes.WithKind("VirtualMachineClusterInstancetype"):           meta.RESTScopeRoot,
	corev1.SchemeGroupVersion.WithKind("Secret"):                          meta.RESTScopeNamespace,
	corev1.SchemeGroupVersion.WithKind("PersistentVolumeClaim"):           meta.RESTScopeNamespace,
	corev1.SchemeGroupVersion.WithKind("ResourceQuota"):                   meta.RESTScopeNamespace,
	corev1.SchemeGroupVersion.WithKind("Node"):                            meta.RESTScopeRoot,
	storagev1.SchemeGroupVersion.WithKind("StorageClass"):                 meta.RESTScopeRoot,
	authorizationv1.SchemeGroupVersion.WithKind("SelfSubjectRulesReview"): meta.RESTScopeRoot,
}

// instanceTypes is where KubeVirt serves its instance types.
var instanceTypes = schema.GroupVersion{Group: "instancetype.kubevirt.io", Version: "v1beta1"}

// open is a client of a site.
func (s site) open() (client.WithWatch, error) {
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{
		corev1.AddToScheme, storagev1.AddToScheme, authorizationv1.AddToScheme, kubevirt.AddToScheme, harvesterv1.AddToScheme,
	} {
		if err := add(scheme); err != nil {
			return nil, fmt.Errorf("learn the site's kinds: %w", err)
		}
	}
	mapper := meta.NewDefaultRESTMapper(nil)
	for kind, scope := range kinds {
		mapper.Add(kind, scope)
	}
	mapper.AddSpecific(multus.AttachmentKind, multus.Attachments, multus.Attachments, meta.RESTScopeNamespace)
	made, err := client.NewWithWatch(s.config, client.Options{Scheme: scheme, Mapper: mapper})
	if err != nil {
		return nil, s.explain(err)
	}
	return made, nil
}

// briefly is a context for one question to the site.
func briefly() (context.Context, context.CancelFunc) {
	return context.WithTimeout(context.Background(), reach)
}
