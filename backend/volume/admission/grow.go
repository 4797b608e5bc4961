package admission

import (
	"context"
	"fmt"
	"strings"

	storagev1 "k8s.io/api/storage/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/csi"
	"crofthci.io/croft/pkg/kubevirt"
)

// growsInUse asks, when a volume is to grow that a machine runs with, whether its driver can do that. The setting
// csi-online-expand-validation says so.
func (s site) growsInUse(ctx context.Context, r request) error {
	if !grows(r) {
		return nil
	}
	machines, err := s.machines(ctx, r)
	if err != nil {
		return err
	}
	running := runningOf(machines)
	if len(running) == 0 {
		return nil
	}
	driver, err := s.driverOf(ctx, r.Object)
	if err != nil {
		return err
	}
	can, err := s.canGrow(ctx, driver)
	if err != nil || can {
		return err
	}
	return invalid(r, field.Forbidden(sizePath, fmt.Sprintf(
		"virtual machine %s runs with the volume, and setting %s does not say that volumes of driver %s grow while they are in use; stop the machine first",
		strings.Join(running, ", "), harvesterv1.SettingOnlineExpand, driver)))
}

// grows says whether a bound claim is to ask for more.
func grows(r request) bool {
	if r.Old == nil || r.Old.Spec.VolumeName == "" {
		return false
	}
	before, after := csi.Requested(r.Old), csi.Requested(r.Object)
	return after.Cmp(before) > 0
}

// runningOf are the names of the machines that run.
func runningOf(machines []*kubevirt.VirtualMachine) []string {
	var names []string
	for i := range machines {
		if machines[i].Status.Created {
			names = append(names, machines[i].Name)
		}
	}
	return names
}

// driverOf is the driver of a claim: the one that has made its volume, or its class's.
func (s site) driverOf(ctx context.Context, c *claim) (string, error) {
	if driver := csi.DriverOf(c); driver != "" {
		return driver, nil
	}
	class := &storagev1.StorageClass{}
	err := s.direct.Get(ctx, types.NamespacedName{Name: ptr.Deref(c.Spec.StorageClassName, "")}, class)
	return class.Provisioner, client.IgnoreNotFound(err)
}

// canGrow says whether the volumes of a driver may grow while they are in use. While the setting cannot be read, its
// default counts.
func (s site) canGrow(ctx context.Context, driver string) (bool, error) {
	setting := &harvesterv1.Setting{}
	err := s.direct.Get(ctx, types.NamespacedName{Name: harvesterv1.SettingOnlineExpand}, setting)
	if apierrors.IsNotFound(err) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("read setting %s: %w", harvesterv1.SettingOnlineExpand, err)
	}
	drivers, err := csi.ParseGrowing(setting.Effective())
	if err != nil {
		if drivers, err = csi.ParseGrowing(setting.Default); err != nil {
			return false, nil
		}
	}
	return drivers[driver], nil
}
