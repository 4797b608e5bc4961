package image

import (
	"testing"

	"crofthci.io/croft/fleet/index/rowtest"
)

func TestRow(t *testing.T) {
	rowtest.Check(t, Type, map[string]rowtest.Case{
		"New":         {"nobody has looked at it", `{}`, "state", "Waiting"},
		"Active":      {"all bytes are there", `{"status":{"progress":100,"conditions":[{"type":"Imported","status":"True"}]}}`, "state", "Active"},
		"Downloading": {"they come", `{"spec":{"sourceType":"download"},"status":{"progress":40,"conditions":[{"type":"Imported","status":"Unknown"}]}}`, "state", "Downloading"},
		"Uploading":   {"somebody sends them", `{"spec":{"sourceType":"upload"},"status":{"progress":40,"conditions":[{"type":"Imported","status":"Unknown"}]}}`, "state", "Uploading"},
		"ToUpload":    {"somebody has to send them", `{"spec":{"sourceType":"upload"},"status":{"conditions":[{"type":"Imported","status":"Unknown"}]}}`, "state", "Waiting"},
		"Copying":     {"of a volume", `{"spec":{"sourceType":"export-from-volume"},"status":{"conditions":[{"type":"Imported","status":"Unknown"}]}}`, "state", "Copying"},
		"Failing":     {"it will be tried again", `{"spec":{"sourceType":"download"},"status":{"failed":1,"conditions":[{"type":"Imported","status":"False"}]}}`, "state", "Waiting"},
		"Failed":      {"nothing more is tried", `{"status":{"conditions":[{"type":"Imported","status":"False"},{"type":"RetryLimitExceeded","status":"True"}]}}`, "state", "Failed"},
		"Progress":    {"in percent", `{"status":{"progress":40}}`, "progress", int64(40)},
		"Size":        {"of the file", `{"status":{"size":4096}}`, "size", int64(4096)},
		"VirtualSize": {"of the disk", `{"status":{"virtualSize":8192}}`, "virtualSize", int64(8192)},
		"URL":         {"what is fetched", `{"spec":{"sourceType":"download","url":"https://images/a.img"}}`, "source", "https://images/a.img"},
		"Volume":      {"what is copied", `{"spec":{"pvcNamespace":"one","pvcName":"data"}}`, "source", "one/data"},
		"Name":        {"what people call it", `{"spec":{"displayName":"tiny"}}`, "displayName", "tiny"},
		"Class":       {"of volumes that start from it", `{"status":{"storageClassName":"fast"}}`, "storageClass", "fast"},
	})
	rowtest.CheckGarbage(t, Type)
}
