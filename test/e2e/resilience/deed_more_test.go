package resilience

import (
	"net/http"
	"strings"
)

// More kinds of objects by their Steve type.
const (
	snapshotKind = "snapshot.storage.k8s.io.volumesnapshots"
	templateKind = "harvesterhci.io.virtualmachinetemplates"
	versionKind  = "harvesterhci.io.virtualmachinetemplateversions"
	quotaKind    = "harvesterhci.io.resourcequotas"
)

// volume makes a blank volume and waits until a storage has it.
func (d doer) volume(name string) error {
	return inTurn(
		func() error {
			return d.make(claimKind, map[string]any{
				"apiVersion": "v1", "kind": "PersistentVolumeClaim", "type": "persistentvolumeclaim",
				"metadata": map[string]any{"namespace": d.namespace, "name": name},
				"spec": map[string]any{
					"accessModes": []string{"ReadWriteMany"}, "volumeMode": "Block",
					"resources": map[string]any{"requests": map[string]any{"storage": "16Mi"}},
				},
			})
		},
		func() error { return d.becomes(claimKind, name, bound) },
	)
}

// volumeKept takes a snapshot of a volume, makes another volume of that, and deletes all.
func (d doer) volumeKept(name string) error {
	once, again := name+"-once", name+"-again"
	return inTurn(
		func() error { return d.volume(name) },
		func() error { return d.offers(claimKind, name, "snapshot") },
		func() error {
			return d.act(claimKind, name, "snapshot", map[string]any{"name": once}, http.StatusConflict, http.StatusUnprocessableEntity)
		},
		func() error { return d.becomes(snapshotKind, once, shows("status", `"readyToUse":true`)) },
		func() error {
			return d.act(snapshotKind, once, "restore", map[string]any{"name": again}, http.StatusConflict, http.StatusUnprocessableEntity)
		},
		func() error { return d.becomes(claimKind, again, bound) },
		func() error { return d.remove(claimKind, again, "") },
		func() error { return d.remove(snapshotKind, once, "") },
		func() error { return d.remove(claimKind, name, "") },
	)
}

// templateMade makes a template of a machine, waits until its version is numbered, and deletes it with that.
func (d doer) templateMade(name string) error {
	version := ""
	return inTurn(
		func() error { return d.make(machineKind, d.disks(name, "16Mi", "", 1)) },
		func() error { return d.becomes(claimKind, name+"-0", bound) },
		func() error {
			return d.act(machineKind, name, "createTemplate", map[string]any{"name": name}, http.StatusConflict)
		},
		func() error {
			return d.becomes(templateKind, name, func(template map[string]any) bool {
				spec, _ := template["spec"].(map[string]any)
				id, _ := spec["defaultVersionId"].(string)
				_, version, _ = strings.Cut(id, "/")
				return version != ""
			})
		},
		func() error { return d.remove(templateKind, name, "") },
		func() error { return d.gone(versionKind, version) },
		func() error { return d.discard(name) },
	)
}

// machineLimited limits the snapshots of a machine, and leaves nothing of the limit.
func (d doer) machineLimited(name string) error {
	const quota = "default-resource-quota"
	return inTurn(
		func() error { return d.make(machineKind, d.disks(name, "16Mi", "", 1)) },
		func() error {
			return d.act(machineKind, name, "updateResourceQuota", map[string]any{"totalSnapshotSizeQuota": "1Gi"})
		},
		func() error { return d.becomes(quotaKind, quota, shows("spec", `"`+name+`":`)) },
		func() error { return d.act(machineKind, name, "deleteResourceQuota", nil) },
		func() error {
			return d.becomes(quotaKind, quota, func(object map[string]any) bool { return !shows("spec", `"`+name+`":`)(object) })
		},
		func() error { return d.discard(name) },
	)
}
