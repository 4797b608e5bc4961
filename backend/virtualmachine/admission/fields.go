package admission

import (
	"net"
	"slices"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/util/validation/field"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
)

var (
	templatePath = field.NewPath("spec", "template", "spec")
	limitsPath   = templatePath.Child("domain", "resources", "limits")
	devicesPath  = templatePath.Child("domain", "devices")
)

// limitsGiven asks for the size of the machine.
func limitsGiven(r request) field.ErrorList {
	if !sized(r.Object) {
		return nil
	}
	var wrong field.ErrorList
	limits := r.Object.Spec.Template.Spec.Domain.Resources.Limits
	for _, name := range []corev1.ResourceName{corev1.ResourceCPU, corev1.ResourceMemory} {
		limit, given := limits[name]
		if !given {
			wrong = append(wrong, field.Required(limitsPath.Child(string(name)), "a machine needs a limit for "+string(name)))
		} else if limit.Sign() <= 0 {
			wrong = append(wrong, field.Invalid(limitsPath.Child(string(name)), limit.String(), "must be more than 0"))
		}
	}
	return wrong
}

// reservedMemoryFits asks for something to be left for the guest.
func reservedMemoryFits(r request) field.ErrorList {
	text := r.Object.Annotations[harvesterv1.AnnotationReservedMemory]
	if text == "" || !sized(r.Object) {
		return nil
	}
	path := annotationPath(harvesterv1.AnnotationReservedMemory)
	reserved, err := resource.ParseQuantity(text)
	if err != nil {
		return field.ErrorList{field.Invalid(path, text, "must be a quantity such as 256Mi")}
	}
	limit := r.Object.Spec.Template.Spec.Domain.Resources.Limits[corev1.ResourceMemory]
	if reserved.Sign() < 0 || reserved.Cmp(limit) >= 0 {
		return field.ErrorList{field.Invalid(path, text, "must be at least 0 and less than the memory limit "+limit.String())}
	}
	return nil
}

func graceNotNegative(r request) field.ErrorList {
	if r.Object.Spec.Template == nil {
		return nil
	}
	grace := r.Object.Spec.Template.Spec.TerminationGracePeriodSeconds
	if grace == nil || *grace >= 0 {
		return nil
	}
	return field.ErrorList{field.Invalid(templatePath.Child("terminationGracePeriodSeconds"), *grace, "must not be negative")}
}

// strategies are what can happen to a machine when its node goes into maintenance.
var strategies = []string{
	harvesterv1.MaintenanceMigrate, harvesterv1.MaintenanceShutdown,
	harvesterv1.MaintenanceRestartElsewhere, harvesterv1.MaintenanceRestartAfter,
}

func maintenanceStrategyKnown(r request) field.ErrorList {
	strategy := r.Object.Labels[harvesterv1.LabelMaintenanceStrategy]
	if strategy == "" || slices.Contains(strategies, strategy) {
		return nil
	}
	path := field.NewPath("metadata", "labels").Key(harvesterv1.LabelMaintenanceStrategy)
	return field.ErrorList{field.NotSupported(path, strategy, strategies)}
}

// disksDistinct asks for one disk of a name. KubeVirt pairs disks and volumes by name.
func disksDistinct(r request) field.ErrorList {
	if r.Object.Spec.Template == nil {
		return nil
	}
	var wrong field.ErrorList
	seen := map[string]bool{}
	for i, disk := range r.Object.Spec.Template.Spec.Domain.Devices.Disks {
		if seen[disk.Name] {
			wrong = append(wrong, field.Duplicate(devicesPath.Child("disks").Index(i).Child("name"), disk.Name))
		}
		seen[disk.Name] = true
	}
	return wrong
}

// addressesDistinct asks for one card of a hardware address.
func addressesDistinct(r request) field.ErrorList {
	if r.Object.Spec.Template == nil {
		return nil
	}
	var wrong field.ErrorList
	seen := map[string]bool{}
	for i, card := range r.Object.Spec.Template.Spec.Domain.Devices.Interfaces {
		if card.MacAddress == "" {
			continue
		}
		path := devicesPath.Child("interfaces").Index(i).Child("macAddress")
		address, err := net.ParseMAC(card.MacAddress)
		if err != nil {
			wrong = append(wrong, field.Invalid(path, card.MacAddress, "must be a hardware address such as 02:00:5e:10:00:01"))
			continue
		}
		if seen[address.String()] {
			wrong = append(wrong, field.Duplicate(path, card.MacAddress))
		}
		seen[address.String()] = true
	}
	return wrong
}

func annotationPath(key string) *field.Path {
	return field.NewPath("metadata", "annotations").Key(key)
}
