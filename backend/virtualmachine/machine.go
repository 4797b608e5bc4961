package virtualmachine

import (
	"context"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/backend/capability"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/kubevirt"
)

// Machine is a virtual machine with all that its actions depend on.
type Machine struct {
	// VM is what the user declared.
	VM *kubevirt.VirtualMachine
	// VMI is the run of it, nil when it is off or when the caller may not read it.
	VMI *kubevirt.VirtualMachineInstance
	// Migration is the migration under way, nil when there is none.
	Migration *kubevirt.Migration
	// Targets are the nodes that it could move to.
	Targets []Target
}

// readInstance is the right without which a caller learns nothing from the instance of a machine.
var readInstance = capability.Permission{
	Verb: "get", Group: kubevirt.GroupVersion.Group, Resource: kubevirt.VirtualMachineInstances.Resource,
}

// read makes a Machine of an object and what the server knows besides.
func read(view capability.View, object *unstructured.Unstructured) (Machine, error) {
	vm, err := capability.Typed[kubevirt.VirtualMachine](view, object)
	m := Machine{VM: vm}
	if err != nil {
		return m, fmt.Errorf("understand virtual machine %s/%s: %w", object.GetNamespace(), object.GetName(), err)
	}
	if view.Facts == nil || !view.May(readInstance, m.VM.Namespace, m.VM.Name) {
		return m, nil
	}
	return m, m.join(context.Background(), view)
}

// join reads what belongs to the machine from memory. An object that is not there is not an error: most machines of
// most lists have neither.
func (m *Machine) join(ctx context.Context, view capability.View) error {
	facts := view.Facts
	vmi := &kubevirt.VirtualMachineInstance{}
	// A row only looks at the instance. A deed may write what it has, and must have its own.
	err := facts.Get(ctx, m.key(), vmi, &client.GetOptions{UnsafeDisableDeepCopy: ptr.To(view.Once != nil)})
	if apierrors.IsNotFound(err) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("find the instance of virtual machine %s: %w", m.key(), err)
	}
	m.VMI = vmi
	if vmi.Status.Phase != kubevirt.PhaseRunning {
		return nil
	}
	if m.Migration, err = migrationOf(ctx, facts, m.key()); err != nil {
		return fmt.Errorf("find the migration of virtual machine %s: %w", m.key(), err)
	}
	m.Targets, err = targets(ctx, facts, vmi)
	return err
}

func (m *Machine) key() types.NamespacedName {
	return types.NamespacedName{Namespace: m.VM.Namespace, Name: m.VM.Name}
}

// migrationOf finds the migration of a machine that is under way.
func migrationOf(ctx context.Context, facts client.Reader, machine types.NamespacedName) (*kubevirt.Migration, error) {
	migrations := &kubevirt.MigrationList{}
	err := facts.List(ctx, migrations, client.InNamespace(machine.Namespace),
		client.MatchingFields{migratedMachine: machine.Name})
	if err != nil {
		return nil, err
	}
	return underWay(migrations), nil
}

// underWay is the migration of a list that has not ended.
func underWay(migrations *kubevirt.MigrationList) *kubevirt.Migration {
	for i := range migrations.Items {
		if !migrations.Items[i].IsFinal() {
			return &migrations.Items[i]
		}
	}
	return nil
}

// state is the state of a machine in one word.
func state(m Machine) capability.State {
	s := kubevirt.StateOf(m.VM, m.VMI)
	if s.Message == "" && s.Name == string(kubevirt.StatusStopped) {
		s.Message = m.VM.Annotations[harvesterv1.AnnotationInsufficientQuota]
	}
	return capability.State{Name: s.Name, Transitioning: s.Transitioning, Error: s.Error, Message: s.Message}
}
