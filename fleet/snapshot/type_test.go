package snapshot

import (
	"testing"

	"crofthci.io/croft/fleet/index/rowtest"
)

func TestRow(t *testing.T) {
	const ready = `{"spec":{"source":{"persistentVolumeClaimName":"data"},"volumeSnapshotClassName":"fast"},"status":{"readyToUse":true,"restoreSize":"1Gi"}}`
	rowtest.Check(t, Type, map[string]rowtest.Case{
		"Ready":    {"volumes can be made of it", ready, "state", "Ready"},
		"New":      {"nobody has looked at it", `{}`, "state", "Creating"},
		"Creating": {"it is being taken", `{"status":{"readyToUse":false}}`, "state", "Creating"},
		"Failed":   {"the driver's words", `{"status":{"error":{"message":"no room"}}}`, "state", "Failed"},
		"Volume":   {"what it was taken of", ready, "volume", "data"},
		"Size":     {"what a volume of it needs", ready, "size", int64(1 << 30)},
		"Class":    {"how it is taken", ready, "snapshotClass", "fast"},
	})
	rowtest.CheckGarbage(t, Type)
	if row := rowtest.Of(t, Type, `{"status":{"error":{"message":"no room"}}}`); row.State.Message != "no room" {
		t.Errorf("the driver's sentence is %q", row.State.Message)
	}
}
