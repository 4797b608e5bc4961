package main

import (
	"context"
	goruntime "runtime"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/utils/ptr"

	kubevirtv1 "kubevirt.io/api/core/v1"
)

// kubeVirt is the installation's own object: emulation allowed because the
// nodes have no KVM, and live updates by live migration, as Harvester has it.
func kubeVirt(namespace string) *kubevirtv1.KubeVirt {
	return &kubevirtv1.KubeVirt{
		TypeMeta:   metav1.TypeMeta{APIVersion: kubevirtv1.GroupVersion.String(), Kind: "KubeVirt"},
		ObjectMeta: metav1.ObjectMeta{Name: "kubevirt", Namespace: namespace},
		Spec: kubevirtv1.KubeVirtSpec{
			ImagePullPolicy: corev1.PullIfNotPresent,
			Configuration: kubevirtv1.KubeVirtConfiguration{
				DeveloperConfiguration: &kubevirtv1.DeveloperConfiguration{
					UseEmulation: true,
					FeatureGates: []string{
						// Volumes are plugged by what a machine declares, and CD-ROM drives may be empty. The older gate
						// HotplugVolumes would undo both.
						"CPUManager", "DataVolumes", "DeclarativeHotplugVolumes", "ExpandDisks", "HostDevices",
						"Snapshot", "VMExport", "VMPersistentState",
					},
				},
				VMRolloutStrategy: ptr.To(kubevirtv1.VMRolloutStrategyLiveUpdate),
			},
			WorkloadUpdateStrategy: kubevirtv1.KubeVirtWorkloadUpdateStrategy{
				WorkloadUpdateMethods: []kubevirtv1.WorkloadUpdateMethod{kubevirtv1.WorkloadUpdateMethodLiveMigrate},
			},
		},
	}
}

// kubeVirt applies the installation's object and says of it what KubeVirt's
// operator would once its workloads run; virt-api asks for that.
func (o *operator) kubeVirt(ctx context.Context) error {
	kv := kubeVirt(o.namespace)
	if err := o.cluster.Object(ctx, kv); err != nil {
		return err
	}
	kv.Status = kubevirtv1.KubeVirtStatus{
		Phase:                   kubevirtv1.KubeVirtPhaseDeployed,
		ObservedKubeVirtVersion: version,
		TargetKubeVirtVersion:   version,
		OperatorVersion:         version,
		// virt-api gives it to machines that name none, and refuses the rest.
		DefaultArchitecture: goruntime.GOARCH,
		Conditions: []kubevirtv1.KubeVirtCondition{
			{Type: kubevirtv1.KubeVirtConditionAvailable, Status: corev1.ConditionTrue, Reason: "AllComponentsReady", Message: "All components are ready."},
			{Type: kubevirtv1.KubeVirtConditionCreated, Status: corev1.ConditionTrue, Reason: "AllResourcesCreated", Message: "All resources were created."},
		},
	}
	content, err := runtime.DefaultUnstructuredConverter.ToUnstructured(kv)
	if err != nil {
		return err
	}
	u := &unstructured.Unstructured{Object: content}
	unstructured.RemoveNestedField(content, "metadata", "creationTimestamp")
	resource, err := o.cluster.Resource(u)
	if err != nil {
		return err
	}
	_, err = resource.ApplyStatus(ctx, kv.Name, u, metav1.ApplyOptions{FieldManager: "virt-operator", Force: true})
	return err
}
