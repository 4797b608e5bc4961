package twin_test

import (
	"encoding/json"
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"sigs.k8s.io/yaml"

	"crofthci.io/croft/backend/virtualmachine/twin"
	"crofthci.io/croft/pkg/kubevirt"
)

// web is a machine that has everything that a twin must not have.
const web = `
metadata:
  namespace: default
  name: web
  uid: 6a54
  resourceVersion: "7"
  finalizers: [harvesterhci.io/volume-claims]
  labels:
    harvesterhci.io/creator: harvester
    harvesterhci.io/os: linux
    guestcluster.harvesterhci.io/name: blue
    harvesterhci.io/machineSetName: default-blue-pool1
  annotations:
    field.cattle.io/description: the shop
    harvesterhci.io/mac-address: '{"default":"02:00:00:00:00:01"}'
    harvesterhci.io/vmRunStrategy: Manual
    harvesterhci.io/removedPersistentVolumeClaims: web-root
    harvesterhci.io/volumeClaimProblem: "none"
    kubevirt.io/latest-observed-api-version: v1
    harvesterhci.io/volumeClaimTemplates: '[{"metadata":{"name":"web-root","labels":{"tier":"fast"},"annotations":{
      "harvesterhci.io/imageId":"default/tiny","harvesterhci.io/owned-by":"x"}},"spec":{"accessModes":["ReadWriteMany"],
      "resources":{"requests":{"storage":"1Gi"}}}},{"metadata":{"name":"web-gone"}}]'
spec:
  running: true
  updateVolumesStrategy: Migration
  instancetype: {name: small, revisionName: web-small-1}
  dataVolumeTemplates: [{metadata: {name: web-logs}, spec: {}}]
  template:
    metadata:
      labels: {harvesterhci.io/vmName: web, app: shop}
      annotations: {harvesterhci.io/sshNames: '["default/me"]', static-ip.harvesterhci.io/default: 10.0.0.7}
    spec:
      hostname: web
      domain:
        firmware: {uuid: 5d307ca9-b3ef-428c-8861-06e72d69f223, serial: s1, bootloader: {efi: {}}}
        chassis: {serial: c1, manufacturer: Croft}
        devices:
          disks: [{name: root, serial: d1}, {name: logs}, {name: again}, {name: cloudinit}]
          interfaces: [{name: default, macAddress: "02:00:00:00:00:01", masquerade: {}}]
      networks: [{name: default, pod: {}}]
      accessCredentials: [{userPassword: {source: {secret: {secretName: web-passwords}}, propagationMethod: {qemuGuestAgent: {}}}}]
      volumes:
        - {name: root, persistentVolumeClaim: {claimName: web-root, hotpluggable: true}}
        - {name: logs, dataVolume: {name: web-logs}}
        - {name: again, persistentVolumeClaim: {claimName: web-root, readOnly: true}}
        - {name: cloudinit, cloudInitNoCloud: {secretRef: {name: web-cloudinit}, networkDataSecretRef: {name: web-cloudinit}}}
status: {printableStatus: Running}
`

const shop = `
metadata:
  namespace: default
  name: shop
  labels: {harvesterhci.io/creator: harvester, harvesterhci.io/os: linux}
  annotations: {field.cattle.io/description: the shop}
spec:
  runStrategy: Always
  instancetype: {name: small}
  template:
    metadata:
      labels: {harvesterhci.io/vmName: shop, app: shop}
      annotations: {harvesterhci.io/sshNames: '["default/me"]'}
    spec:
      hostname: shop
      domain:
        firmware: {bootloader: {efi: {}}}
        chassis: {manufacturer: Croft}
        devices:
          disks: [{name: root, serial: d1}, {name: logs}, {name: again}, {name: cloudinit}]
          interfaces: [{name: default, masquerade: {}}]
      networks: [{name: default, pod: {}}]
      accessCredentials: [{userPassword: {source: {secret: {secretName: shop-secret-4}}, propagationMethod: {qemuGuestAgent: {}}}}]
      volumes:
        - {name: root, persistentVolumeClaim: {claimName: shop-root-1, hotpluggable: true}}
        - {name: logs, persistentVolumeClaim: {claimName: shop-logs-2}}
        - {name: again, persistentVolumeClaim: {claimName: shop-root-1, readOnly: true}}
        - {name: cloudinit, cloudInitNoCloud: {secretRef: {name: shop-secret-3}, networkDataSecretRef: {name: shop-secret-3}}}
`

// shopTemplates are what the volumes of the twin are made from. Sizes are what the claims have become.
const shopTemplates = `
- metadata: {name: shop-root-1, labels: {tier: fast}, annotations: {harvesterhci.io/imageId: default/tiny}}
  spec:
    accessModes: [ReadWriteMany]
    volumeMode: Block
    storageClassName: fast
    resources: {requests: {storage: 3Gi}}
    dataSource: {apiGroup: null, kind: PersistentVolumeClaim, name: web-root}
- metadata: {name: shop-logs-2, annotations: {field.cattle.io/description: logs}}
  spec:
    accessModes: [ReadWriteOnce]
    storageClassName: bulk
    resources: {requests: {storage: 5Gi}}
    dataSource: {apiGroup: null, kind: PersistentVolumeClaim, name: web-logs}
`

func parse[T any](t *testing.T, text string) *T {
	t.Helper()
	object := new(T)
	if err := yaml.UnmarshalStrict([]byte(text), object); err != nil {
		t.Fatal(err)
	}
	return object
}

func claimsOfWeb(t *testing.T) map[string]*corev1.PersistentVolumeClaim {
	t.Helper()
	return map[string]*corev1.PersistentVolumeClaim{
		"web-root": parse[corev1.PersistentVolumeClaim](t, `
metadata: {name: web-root, uid: 1b, annotations: {pv.kubernetes.io/bind-completed: "yes"}}
spec: {accessModes: [ReadWriteMany], volumeMode: Block, storageClassName: fast, volumeName: pvc-1b, resources: {requests: {storage: 2Gi}}}
status: {phase: Bound, capacity: {storage: 3Gi}}`),
		"web-logs": parse[corev1.PersistentVolumeClaim](t, `
metadata: {name: web-logs, annotations: {field.cattle.io/description: logs, cdi.kubevirt.io/storage.import.source: http}}
spec: {accessModes: [ReadWriteOnce], storageClassName: bulk, volumeName: pvc-2, resources: {requests: {storage: 5Gi}}}
status: {phase: Bound, capacity: {storage: 5Gi}}`),
	}
}

func counting() func() string {
	number := 0
	return func() string { number++; return strconv.Itoa(number) }
}

func TestOf(t *testing.T) {
	source := parse[kubevirt.VirtualMachine](t, web)
	got, err := twin.Of(source, claimsOfWeb(t), twin.Wish{Name: "shop", Suffix: counting()})
	if err != nil {
		t.Fatal(err)
	}
	const key = "harvesterhci.io/volumeClaimTemplates"
	var templates, wanted []map[string]any
	if err := json.Unmarshal([]byte(got.Machine.Annotations[key]), &templates); err != nil {
		t.Fatal(err)
	}
	wanted = *parse[[]map[string]any](t, shopTemplates)
	if diff := cmp.Diff(wanted, templates); diff != "" {
		t.Errorf("the volumes are copies, as large as they have become: -want +got\n%s", diff)
	}
	delete(got.Machine.Annotations, key)
	quantities := cmp.Comparer(func(a, b resource.Quantity) bool { return a.Cmp(b) == 0 })
	if diff := cmp.Diff(parse[kubevirt.VirtualMachine](t, shop), got.Machine, quantities); diff != "" {
		t.Errorf("the machine is the same, but for who it is: -want +got\n%s", diff)
	}
	if diff := cmp.Diff(map[string]string{"web-cloudinit": "shop-secret-3", "web-passwords": "shop-secret-4"}, got.Secrets); diff != "" {
		t.Errorf("the secrets that it is set up from: -want +got\n%s", diff)
	}
	if diff := cmp.Diff(parse[kubevirt.VirtualMachine](t, web), source); diff != "" {
		t.Errorf("the machine that it was taken from stays as it was: -want +got\n%s", diff)
	}
}

func TestRunStrategy(t *testing.T) {
	cases := map[string]struct {
		reason           string
		own, wish        kubevirt.RunStrategy
		remembers        string
		want             kubevirt.RunStrategy
		wantedToRemember string
	}{
		"Own":       {"as its machine", kubevirt.RunStrategyManual, "", "", kubevirt.RunStrategyManual, ""},
		"Wished":    {"as somebody wishes", kubevirt.RunStrategyHalted, kubevirt.RunStrategyAlways, "Manual", kubevirt.RunStrategyAlways, ""},
		"Off":       {"off, and started as its machine", kubevirt.RunStrategyManual, kubevirt.RunStrategyHalted, "", kubevirt.RunStrategyHalted, "Manual"},
		"OffAsWell": {"off, as its machine was before", kubevirt.RunStrategyHalted, "", "RerunOnFailure", kubevirt.RunStrategyHalted, "RerunOnFailure"},
		"OffAlways": {"nothing to remember", kubevirt.RunStrategyHalted, "", "", kubevirt.RunStrategyHalted, ""},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			vm := &kubevirt.VirtualMachine{}
			vm.Spec.RunStrategy = &tc.own
			vm.Annotations = map[string]string{"harvesterhci.io/vmRunStrategy": tc.remembers}
			got, err := twin.Of(vm, nil, twin.Wish{Name: "shop", RunStrategy: tc.wish, Suffix: counting()})
			if err != nil {
				t.Fatal(err)
			}
			remembered := got.Machine.Annotations["harvesterhci.io/vmRunStrategy"]
			if *got.Machine.Spec.RunStrategy != tc.want || remembered != tc.wantedToRemember {
				t.Errorf("%s: want %s remembering %q, got %s remembering %q", tc.reason, tc.want, tc.wantedToRemember,
					*got.Machine.Spec.RunStrategy, remembered)
			}
		})
	}
}
