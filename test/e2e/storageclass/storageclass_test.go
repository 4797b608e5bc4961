// Package storageclass_test tries storage classes on a real site, with the real CDI.
package storageclass_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"crofthci.io/croft/test/e2e/stage"
)

const first = "site-1"

func TestAClassTellsCDI(t *testing.T) {
	s := stage.Open(t)
	id := s.Site(t, first)
	classes := stage.OfSite(id, "storage.k8s.io.storageclasses")
	class := map[string]any{
		"type": "storage.k8s.io.storageclass", "apiVersion": "storage.k8s.io/v1", "kind": "StorageClass",
		"metadata": map[string]any{"name": "telling", "annotations": map[string]any{
			"cdi.harvesterhci.io/storageProfileCloneStrategy":         "copy",
			"cdi.harvesterhci.io/storageProfileVolumeModeAccessModes": `{"Block":["ReadWriteMany"]}`,
			"cdi.harvesterhci.io/filesystemOverhead":                  "0.08",
		}},
		"provisioner": stage.Driver,
	}
	s.Admin.Must(t, "POST", classes, class, nil)
	profile := func(want string) {
		t.Helper()
		stage.Eventually(t, "CDI clones as "+want, time.Minute, func() error {
			got := s.Kubectl(t, first, "", "get", "storageprofile", "telling", "-o",
				"jsonpath={.status.cloneStrategy} {.spec.claimPropertySets[0].accessModes[0]}")
			if got != want {
				return fmt.Errorf("it says %q", got)
			}
			return nil
		})
	}
	profile("copy ReadWriteMany")
	stage.Eventually(t, "CDI knows the overhead", time.Minute, func() error {
		if got := s.Kubectl(t, first, "", "get", "cdi", "cdi", "-o", "jsonpath={.spec.config.filesystemOverhead.storageClass.telling}"); got != "0.08" {
			return fmt.Errorf("it says %q", got)
		}
		return nil
	})
	s.Kubectl(t, first, "", "annotate", "storageclass", "telling", "--overwrite", "cdi.harvesterhci.io/storageProfileCloneStrategy=csi-clone")
	profile("csi-clone ReadWriteMany")
	s.Delete(t, classes+"/telling")

	class["metadata"].(map[string]any)["annotations"] = map[string]any{"storageclass.kubernetes.io/is-default-class": "true"}
	if said := s.Admin.Refused(t, 422, "POST", classes, class); !strings.Contains(said, "storage class fast is the default already") {
		t.Errorf("the default class is named: %s", said)
	}
}
