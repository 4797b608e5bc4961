package control

import (
	"fmt"
	"slices"
	"strings"

	"crofthci.io/croft/test/site/importer"
	"crofthci.io/croft/test/site/site"
	"crofthci.io/croft/test/site/storage"
)

// names are the faults that there are.
var names = []string{
	site.FaultNode, site.FaultHandler, site.FaultMigration, site.FaultBoot, site.FaultGuest,
	storage.FaultProvision, storage.FaultCapacity, storage.FaultSnapshot, storage.FaultExpand, storage.FaultDelete,
	importer.FaultImport,
}

// unknown says why a fault's name is none; a fault that nobody knows would be
// ordered, listed and never met.
func unknown(name string) error {
	if slices.Contains(names, name) {
		return nil
	}
	return fmt.Errorf("field name: %q is none of %s", name, strings.Join(names, ", "))
}
