package kubevirt

import (
	"context"
	"fmt"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
)

// Start asks KubeVirt to switch a machine on.
func Start(ctx context.Context, config *rest.Config, machine types.NamespacedName, options *StartOptions) error {
	return put(ctx, config, VirtualMachines.Resource, machine, "start", options)
}

// Stop asks KubeVirt to switch a machine off. A grace period shorter than the machine's own cuts short a stop that is
// under way.
func Stop(ctx context.Context, config *rest.Config, machine types.NamespacedName, options *StopOptions) error {
	return put(ctx, config, VirtualMachines.Resource, machine, "stop", options)
}

// Restart asks KubeVirt to switch a machine off and on.
func Restart(ctx context.Context, config *rest.Config, machine types.NamespacedName, options *RestartOptions) error {
	return put(ctx, config, VirtualMachines.Resource, machine, "restart", options)
}

// Migrate asks KubeVirt to move a machine to another node while it runs.
func Migrate(ctx context.Context, config *rest.Config, machine types.NamespacedName, options *MigrateOptions) error {
	return put(ctx, config, VirtualMachines.Resource, machine, "migrate", options)
}

// Pause freezes a running machine.
func Pause(ctx context.Context, config *rest.Config, machine types.NamespacedName, options *PauseOptions) error {
	return put(ctx, config, VirtualMachineInstances.Resource, machine, "pause", options)
}

// Unpause lets a frozen machine go on.
func Unpause(ctx context.Context, config *rest.Config, machine types.NamespacedName, options *UnpauseOptions) error {
	return put(ctx, config, VirtualMachineInstances.Resource, machine, "unpause", options)
}

// SoftReboot asks the guest to restart itself.
func SoftReboot(ctx context.Context, config *rest.Config, machine types.NamespacedName) error {
	return put(ctx, config, VirtualMachineInstances.Resource, machine, "softreboot", nil)
}

// AddVolume asks KubeVirt to plug a claim into a machine, whether it runs or not.
func AddVolume(ctx context.Context, config *rest.Config, machine types.NamespacedName, options *AddVolumeOptions) error {
	return put(ctx, config, VirtualMachines.Resource, machine, "addvolume", options)
}

// RemoveVolume asks KubeVirt to unplug what AddVolume has plugged in.
func RemoveVolume(ctx context.Context, config *rest.Config, machine types.NamespacedName, options *RemoveVolumeOptions) error {
	return put(ctx, config, VirtualMachines.Resource, machine, "removevolume", options)
}

// put asks virt-api for a verb with the rights of the config. virt-api answers 202 without a body.
func put(
	ctx context.Context, config *rest.Config, resource string, machine types.NamespacedName, verb string, options any,
) error {
	config = rest.CopyConfig(config)
	config.APIPath = "/apis"
	config.GroupVersion = &SubresourceGroupVersion
	config.NegotiatedSerializer = scheme.Codecs.WithoutConversion()
	client, err := rest.RESTClientFor(config)
	if err != nil {
		return fmt.Errorf("reach KubeVirt: %w", err)
	}
	body, err := bodyOf(options)
	if err != nil {
		return fmt.Errorf("write the options of %s: %w", verb, err)
	}
	return client.Put().
		Namespace(machine.Namespace).Resource(resource).Name(machine.Name).SubResource(verb).
		SetHeader("Content-Type", "application/json").
		Body(body).Do(ctx).Error()
}
