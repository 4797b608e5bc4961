package backup

import (
	"testing"

	"crofthci.io/croft/fleet/index/rowtest"
)

func TestRow(t *testing.T) {
	const snapshot = `{"spec":{"type":"snapshot","source":{"kind":"VirtualMachine","name":"web"}},"status":{"readyToUse":true,"progress":100}}`
	rowtest.Check(t, Type, map[string]rowtest.Case{
		"Ready":    {"machines can be made of it", snapshot, "state", "Ready"},
		"Type":     {"it stays at the site", snapshot, "backupType", "snapshot"},
		"OldType":  {"before there were snapshots there were backups alone", `{}`, "backupType", "backup"},
		"Machine":  {"what it was taken of", snapshot, "machine", "web"},
		"Creating": {"it is under way", `{"status":{"readyToUse":false,"progress":40}}`, "state", "Creating"},
		"Progress": {"in percent", `{"status":{"progress":40}}`, "progress", int64(40)},
		"Failed":   {"the site's words", `{"status":{"error":{"message":"no room"}}}`, "state", "Failed"},
		"Target":   {"where it goes", `{"status":{"backupTarget":{"endpoint":"https://s3","bucketName":"b"}}}`, "target", "b"},
	})
	rowtest.CheckGarbage(t, Type)
}
