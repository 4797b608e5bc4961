package volume

import (
	"testing"

	"crofthci.io/croft/fleet/index/rowtest"
)

func TestRow(t *testing.T) {
	const owned = `{"metadata":{"namespace":"one","annotations":{"harvesterhci.io/owned-by":"[{\"schema\":\"kubevirt.io.virtualmachine\",\"refs\":[\"one/web\",\"one/api\"]},{\"schema\":\"other\",\"refs\":[\"one/x\"]}]"}},"status":{"phase":"Bound"}}`
	rowtest.Check(t, Type, map[string]rowtest.Case{
		"Free":        {"nobody uses it", `{"status":{"phase":"Bound"}}`, "state", "Ready"},
		"InUse":       {"machines use it", owned, "state", "In-use"},
		"Machines":    {"the machines alone, in order", owned, "machines", []string{"one/api", "one/web"}},
		"OwnedBy":     {"a machine of plain KubeVirt owns it", `{"metadata":{"namespace":"one","ownerReferences":[{"kind":"VirtualMachine","name":"web"}]}}`, "machines", []string{"one/web"}},
		"BadOwners":   {"an annotation that cannot be read names nobody", `{"metadata":{"annotations":{"harvesterhci.io/owned-by":"}{"}}}`, "machines", []string(nil)},
		"Size":        {"what it has", `{"spec":{"resources":{"requests":{"storage":"2Gi"}}},"status":{"phase":"Bound","capacity":{"storage":"1Gi"}}}`, "size", int64(1 << 30)},
		"Asked":       {"what it asks for while it has nothing", `{"spec":{"resources":{"requests":{"storage":"2Gi"}}},"status":{"phase":"Pending"}}`, "size", int64(2 << 30)},
		"Resizing":    {"it asks for more than it has", `{"spec":{"resources":{"requests":{"storage":"2Gi"}}},"status":{"phase":"Bound","capacity":{"storage":"1Gi"}}}`, "state", "Resizing"},
		"Pending":     {"no storage yet", `{"status":{"phase":"Pending"}}`, "state", "Pending"},
		"Lost":        {"the storage is gone", `{"status":{"phase":"Lost"}}`, "state", "Lost"},
		"Class":       {"its class", `{"spec":{"storageClassName":"fast"}}`, "storageClass", "fast"},
		"Image":       {"where its bytes come from", `{"metadata":{"annotations":{"harvesterhci.io/imageId":"default/tiny"}}}`, "image", "default/tiny"},
		"Golden":      {"the bytes of an image", `{"metadata":{"annotations":{"harvesterhci.io/goldenImage":"true"}}}`, "golden", "true"},
		"NotGolden":   {"a volume like others", `{}`, "golden", "false"},
		"GoldenState": {"nobody is to mount it", `{"metadata":{"annotations":{"harvesterhci.io/goldenImage":"true"}},"status":{"phase":"Bound"}}`, "state", "In-use"},
		"Access":      {"how it may be mounted", `{"spec":{"accessModes":["ReadWriteMany"]}}`, "accessModes", []string{"ReadWriteMany"}},
	})
	rowtest.CheckGarbage(t, Type)
}

// TestHostileSize holds that a number that takes Kubernetes' reader hours is refused.
func TestHostileSize(t *testing.T) {
	if _, err := Type.Sources[0].Trim([]byte(`{"status":{"capacity":{"storage":"1e-2147483647"}}}`)); err == nil {
		t.Error("it was read")
	}
}
