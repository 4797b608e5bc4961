package storageclass

import (
	"testing"

	"crofthci.io/croft/fleet/index/rowtest"
)

func TestRow(t *testing.T) {
	const fast = `{"provisioner":"driver.longhorn.io","reclaimPolicy":"Delete","volumeBindingMode":"Immediate","allowVolumeExpansion":true}`
	rowtest.Check(t, Type, map[string]rowtest.Case{
		"Active":      {"one of many", fast, "state", "Active"},
		"Default":     {"of volumes that name none", `{"metadata":{"annotations":{"storageclass.kubernetes.io/is-default-class":"true"}}}`, "state", "Default"},
		"Reserved":    {"the site's own", `{"metadata":{"annotations":{"harvesterhci.io/is-reserved-storageclass":"true"}}}`, "state", "Reserved"},
		"Provisioner": {"the driver", fast, "provisioner", "driver.longhorn.io"},
		"Reclaim":     {"what becomes of the storage", fast, "reclaimPolicy", "Delete"},
		"Binding":     {"when storage is given", fast, "bindingMode", "Immediate"},
		"Grows":       {"whether volumes can be enlarged", fast, "allowVolumeExpansion", true},
	})
	rowtest.CheckGarbage(t, Type)
}
