package virtualmachine

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"

	"crofthci.io/croft/fleet/index"
	"crofthci.io/croft/pkg/kubevirt"
)

// rowOf trims and joins, as the index does.
func rowOf(t *testing.T, vm, vmi string) index.Row {
	t.Helper()
	parts := make([][]byte, 2)
	for i, object := range []string{vm, vmi} {
		if object == "" {
			continue
		}
		part, err := Type.Sources[i].Trim([]byte(object))
		if err != nil {
			t.Fatal(err)
		}
		parts[i] = part
	}
	row, err := Type.Join(parts)
	if err != nil {
		t.Fatal(err)
	}
	return row
}

func TestRow(t *testing.T) {
	const (
		disks = `{"metadata":{"annotations":{"harvesterhci.io/volumeClaimTemplates":"[{\"metadata\":{\"name\":\"a\"},\"spec\":{\"resources\":{\"requests\":{\"storage\":\"1Gi\"}}}},{\"metadata\":{\"name\":\"b\"},\"spec\":{\"resources\":{\"requests\":{\"storage\":\"2Gi\"}}}},{\"metadata\":{\"name\":\"unplugged\"},\"spec\":{\"resources\":{\"requests\":{\"storage\":\"4Gi\"}}}}]"}},"spec":{"template":{"spec":{"volumes":[{"persistentVolumeClaim":{"claimName":"a"}},{"persistentVolumeClaim":{"claimName":"b"}},{"containerDisk":{"image":"x"}},{"cloudInitNoCloud":{}}]}}}}`
		cards = `{"metadata":{"namespace":"one","annotations":{"harvesterhci.io/mac-address":"{\"lan\":\"02:00:00:00:00:0A\"}"}},"spec":{"template":{"spec":{"domain":{"devices":{"interfaces":[{"macAddress":"02:00:00:00:00:01"},{"name":"lan"}]}},"networks":[{"pod":{}},{"multus":{"networkName":"lan"}},{"multus":{"networkName":"net/vlan-7"}}]}}}}`
	)
	const running = `{"metadata":{"uid":"u"},"spec":{"runStrategy":"Always"},"status":{"printableStatus":"Running"}}`
	cases := map[string]struct {
		reason  string
		vm, vmi string
		column  string
		want    any
	}{
		"State":             {"KubeVirt's word", running, `{"status":{"phase":"Running"}}`, "state", "Running"},
		"StateSeen":         {"a machine that KubeVirt has found stopped is not starting, whatever it is meant to be", `{"spec":{"runStrategy":"Always"},"status":{"printableStatus":"Stopped","conditions":[{"type":"Ready","status":"False"}]}}`, "", "state", "Stopped"},
		"StateNotSeen":      {"one that nobody has looked at is about to", `{"spec":{"runStrategy":"Always"},"status":{"printableStatus":"Stopped"}}`, "", "state", "Starting"},
		"Topology":          {"sockets, cores and threads multiply", `{"spec":{"template":{"spec":{"domain":{"cpu":{"sockets":2,"cores":3}}}}}}`, "", "cpu", int64(6)},
		"CPULimit":          {"without a topology the pod's limit counts, rounded up", `{"spec":{"template":{"spec":{"domain":{"resources":{"limits":{"cpu":"1500m"}}}}}}}`, "", "cpu", int64(2)},
		"CPUUnknown":        {"nothing is invented", running, "", "cpu", int64(0)},
		"InstanceTypeCPU":   {"an instance type is known from the run alone", running, `{"spec":{"domain":{"cpu":{"cores":4}}},"status":{"phase":"Running"}}`, "cpu", int64(4)},
		"GuestMemory":       {"what the guest sees, not what the pod has", `{"spec":{"template":{"spec":{"domain":{"memory":{"guest":"1Gi"},"resources":{"limits":{"memory":"3Gi"}}}}}}}`, "", "memory", int64(1 << 30)},
		"MemoryLimit":       {"Harvester writes limits alone", `{"spec":{"template":{"spec":{"domain":{"resources":{"limits":{"memory":"2Gi"},"requests":{"memory":"1Gi"}}}}}}}`, "", "memory", int64(2 << 30)},
		"Addresses":         {"each once; none that holds on one link alone; nothing that is no address", running, `{"status":{"phase":"Running","interfaces":[{"ipAddress":"10.0.0.1","ipAddresses":["10.0.0.1","fe80::1","fd00::2"]},{"ipAddress":"evil"}]}}`, "addresses", []string{"10.0.0.1", "fd00::2"}},
		"AddressesAfterEnd": {"a run that ended has no address", running, `{"status":{"phase":"Succeeded","nodeName":"n","interfaces":[{"ipAddress":"10.0.0.1"}]}}`, "addresses", nil},
		"Node":              {"where it runs", running, `{"status":{"phase":"Running","nodeName":"n1"}}`, "node", "n1"},
		"GuestOSByAgent":    {"the agent knows better than the label", `{"metadata":{"labels":{"harvesterhci.io/os":"linux"}}}`, `{"status":{"phase":"Running","guestOSInfo":{"prettyName":"Debian 13"}}}`, "guestOS", "Debian 13"},
		"GuestOSByLabel":    {"without an agent the owner's word counts", `{"metadata":{"labels":{"harvesterhci.io/os":"linux"}}}`, "", "guestOS", "linux"},
		"Image":             {"the first disk that has one", `{"metadata":{"annotations":{"harvesterhci.io/volumeClaimTemplates":"[{\"metadata\":{}},{\"metadata\":{\"annotations\":{\"harvesterhci.io/imageId\":\"default/tiny\"}}}]"}}}`, "", "image", "default/tiny"},
		"ImageGarbage":      {"an annotation that is no JSON is no error", `{"metadata":{"annotations":{"harvesterhci.io/volumeClaimTemplates":"}{"}}}`, "", "image", ""},
		"Disks":             {"disks are counted, the settings of the first start are not", disks, "", "disks", int64(3)},
		"DiskSize":          {"what the claims of the machine ask for", disks, "", "diskSize", int64(3 << 30)},
		"DiskSizeSeen":      {"the run knows what they have", disks, `{"status":{"phase":"Running","volumeStatus":[{"name":"a","persistentVolumeClaimInfo":{"capacity":{"storage":"7Gi"}}},{"name":"c"}]}}`, "diskSize", int64(7 << 30)},
		"DataVolume":        {"plain KubeVirt makes volumes another way", `{"spec":{"dataVolumeTemplates":[{"metadata":{"name":"d"},"spec":{"storage":{"resources":{"requests":{"storage":"5Gi"}}}}}],"template":{"spec":{"volumes":[{"name":"x","dataVolume":{"name":"d"}}]}}}}`, "", "diskSize", int64(5 << 30)},
		"Networks":          {"each in full", cards, "", "networks", []string{"net/vlan-7", "one/lan", "pod"}},
		"MACs":              {"given in the spec or kept beside it", cards, "", "macs", []string{"02:00:00:00:00:01", "02:00:00:00:00:0a"}},
		"MACsSeen":          {"those of the run too", cards, `{"status":{"phase":"Running","interfaces":[{"mac":"02:00:00:00:00:0A"},{"mac":"02:00:00:00:00:02"}]}}`, "macs", []string{"02:00:00:00:00:01", "02:00:00:00:00:02", "02:00:00:00:00:0a"}},
		"MACsGarbage":       {"an annotation that cannot be read gives none", `{"metadata":{"annotations":{"harvesterhci.io/mac-address":"["}},"spec":{"template":{}}}`, "", "macs", []string(nil)},
		"Hostname":          {"the guest's name", `{"spec":{"template":{"spec":{"hostname":"shop"}}}}`, "", "hostname", "shop"},
		"GuestCluster":      {"whose node it is", `{"metadata":{"labels":{"guestcluster.harvesterhci.io/name":"prod"}}}`, "", "guestCluster", "prod"},
		"GuestPool":         {"and of which pool", `{"metadata":{"labels":{"nodepool.harvesterhci.io/name":"workers"}}}`, "", "guestPool", "workers"},
		"Tags":              {"in order, other labels are none", `{"metadata":{"labels":{"tag.harvesterhci.io/team":"shop","tag.harvesterhci.io/env":"prod","app":"web"}}}`, "", "tags", []string{"env=prod", "team=shop"}},
		"Unschedulable":     {"the sentence is the reason", `{"spec":{"runStrategy":"Always"},"status":{"printableStatus":"ErrorUnschedulable"}}`, `{"status":{"phase":"Scheduling","conditions":[{"type":"PodScheduled","status":"False","message":"0/3 nodes are available"}]}}`, "reason", "0/3 nodes are available"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got := rowOf(t, tc.vm, tc.vmi).Values[tc.column]
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("%s: (-want +got)\n%s", tc.reason, diff)
			}
		})
	}
}

// TestTrimForgets holds that what changes all the time and shows nowhere is no change of the row.
func TestTrimForgets(t *testing.T) {
	trim := Type.Sources[1].Trim
	before, err := trim([]byte(`{"metadata":{"resourceVersion":"1","managedFields":[{}]},"status":{"phase":"Running","conditions":[{"type":"Paused","status":"True","lastProbeTime":"2026-01-01T00:00:00Z"}]}}`))
	if err != nil {
		t.Fatal(err)
	}
	after, err := trim([]byte(`{"metadata":{"resourceVersion":"2"},"status":{"phase":"Running","conditions":[{"type":"Paused","status":"True","lastProbeTime":"2026-01-01T00:01:00Z"}]}}`))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(before), string(after)); diff != "" {
		t.Error(diff)
	}
}

// TestStateAsAtTheSite holds that the hub says of a machine what its site says, whatever conditions it has.
func TestStateAsAtTheSite(t *testing.T) {
	words := []string{"", "Stopped", "Starting", "Running", "Paused", "CrashLoopBackOff", "ErrorUnschedulable"}
	conditions := []string{"", `{"type":"Ready","status":"False"}`, `{"type":"Failure","status":"True","message":"no room"}`, `{"type":"RestartRequired","status":"True"}`, `{"type":"Ready","status":"False"},{"type":"Failure","status":"False"}`}
	for _, strategy := range []string{"Always", "Halted", "Manual", "RerunOnFailure"} {
		for _, word := range words {
			for _, some := range conditions {
				object := `{"spec":{"runStrategy":"` + strategy + `"},"status":{"printableStatus":"` + word + `","conditions":[` + some + `]}}`
				var vm kubevirt.VirtualMachine
				if err := json.Unmarshal([]byte(object), &vm); err != nil {
					t.Fatal(err)
				}
				want, got := kubevirt.StateOf(&vm, nil), rowOf(t, object, "")
				if got.Values["state"] != want.Name || got.State.Error != want.Error || got.State.Message != want.Message {
					t.Errorf("%s: the hub says %v %+v, the site %+v", object, got.Values["state"], got.State, want)
				}
			}
		}
	}
}

func TestGarbage(t *testing.T) {
	for _, object := range []string{"", "null garbage", `{"metadata":5}`, `{"spec":{"template":{"spec":{"domain":{"resources":{"limits":{"cpu":"many"}}}}}}}`} {
		if _, err := Type.Sources[0].Trim([]byte(object)); err == nil {
			t.Errorf("%q was read", object)
		}
	}
}
