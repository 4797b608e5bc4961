package template

import (
	"testing"

	"crofthci.io/croft/fleet/index/rowtest"
)

func TestRow(t *testing.T) {
	const two = `{"spec":{"defaultVersionId":"default/web-1","description":"A server."},"status":{"defaultVersion":1,"latestVersion":2}}`
	rowtest.Check(t, Type, map[string]rowtest.Case{
		"Active":      {"machines can be made of it", two, "state", "Active"},
		"Empty":       {"it has no version yet", `{}`, "state", "Pending"},
		"Default":     {"the number of the default version", two, "defaultVersion", int64(1)},
		"Latest":      {"the highest number", two, "latestVersion", int64(2)},
		"DefaultID":   {"the version's address", two, "defaultVersionId", "default/web-1"},
		"Description": {"what people say", two, "description", "A server."},
	})
	rowtest.CheckGarbage(t, Type)
}
