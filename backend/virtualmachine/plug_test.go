package virtualmachine

import (
	"encoding/json"
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"

	"crofthci.io/croft/backend/capability"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/kubevirt"
)

// furnished has a built-in disk, one that was plugged in, an empty drive, a full one, a built-in card and one that can be
// unplugged; it may grow from 2 sockets and 2Gi to 8 of each.
func furnished(m *Machine) {
	m.VM.UID = "uid"
	m.VM.Annotations = map[string]string{
		harvesterv1.AnnotationHotplug: "true",
		harvesterv1.AnnotationVolumeClaimTemplates: `[{"metadata":{"name":"web-root"}},` +
			`{"metadata":{"name":"web-cd","annotations":{"harvesterhci.io/imageId":"default/iso"}}}]`,
	}
	m.VM.Spec.Template = &kubevirt.VirtualMachineInstanceTemplateSpec{}
	spec := &m.VM.Spec.Template.Spec
	claimed := func(name, claim string, plugged bool) kubevirt.Volume {
		v := kubevirt.Volume{Name: name}
		v.PersistentVolumeClaim = &kubevirt.PersistentVolumeClaimVolumeSource{Hotpluggable: plugged}
		v.PersistentVolumeClaim.ClaimName = claim
		return v
	}
	spec.Volumes = []kubevirt.Volume{claimed("root", "web-root", false), claimed("extra", "data", true), claimed("full", "web-cd", true)}
	drive := kubevirt.DiskDevice{CDRom: &kubevirt.CDRomTarget{Bus: kubevirt.DiskBusSATA}}
	spec.Domain.Devices.Disks = []kubevirt.Disk{{Name: "root"}, {Name: "extra"}, {Name: "empty", DiskDevice: drive}, {Name: "full", DiskDevice: drive}}
	spec.Networks = []kubevirt.Network{
		{Name: "default", NetworkSource: kubevirt.NetworkSource{Pod: &kubevirt.PodNetwork{}}},
		{Name: "vlan", NetworkSource: kubevirt.NetworkSource{Multus: &kubevirt.MultusNetwork{NetworkName: "default/vlan-7"}}},
	}
	spec.Domain.Devices.Interfaces = []kubevirt.Interface{
		{Name: "default", MacAddress: "02:00:00:00:00:01", InterfaceBindingMethod: kubevirt.InterfaceBindingMethod{Masquerade: &kubevirt.InterfaceMasquerade{}}},
		{Name: "vlan", MacAddress: "02:00:00:00:00:02", InterfaceBindingMethod: kubevirt.InterfaceBindingMethod{Bridge: &kubevirt.InterfaceBridge{}}},
	}
	spec.Domain.CPU = &kubevirt.CPU{Sockets: 2, Cores: 1, Threads: 1, MaxSockets: 8}
	spec.Domain.Memory = &kubevirt.Memory{Guest: ptr.To(resource.MustParse("2Gi")), MaxGuest: ptr.To(resource.MustParse("8Gi"))}
	spec.Domain.Resources.Limits = corev1.ResourceList{
		corev1.ResourceCPU: resource.MustParse("8"), corev1.ResourceMemory: resource.MustParse("8448Mi"),
	}
	if m.VMI != nil {
		m.VMI.Spec = *spec.DeepCopy()
	}
}

func declared(change func(spec *kubevirt.VirtualMachineInstanceSpec)) func(*Machine) {
	return func(m *Machine) { change(&m.VM.Spec.Template.Spec) }
}

func annotatedHotplug(value string) func(*Machine) {
	return func(m *Machine) { m.VM.Annotations[harvesterv1.AnnotationHotplug] = value }
}

func restartWaits(m *Machine) {
	m.VM.Status.Conditions = append(m.VM.Status.Conditions, kubevirt.VirtualMachineCondition{
		Type: kubevirt.ConditionRestartRequired, Status: corev1.ConditionTrue,
	})
}

func alsoTrue(kind kubevirt.InstanceConditionType) func(*Machine) {
	return func(m *Machine) {
		m.VMI.Status.Conditions = append(m.VMI.Status.Conditions,
			kubevirt.VirtualMachineInstanceCondition{Type: kind, Status: corev1.ConditionTrue})
	}
}

func TestUnlessPlugged(t *testing.T) {
	stuck := condition(kubevirt.InstanceLiveMigratable, corev1.ConditionFalse, "its disk is not shared")
	node := func(m *Machine) { m.VM.Labels = map[string]string{harvesterv1.LabelGuestCluster: "rke"} }
	nameless := declared(func(s *kubevirt.VirtualMachineInstanceSpec) { s.Domain.Devices.Interfaces[0].MacAddress = "" })
	cores := declared(func(s *kubevirt.VirtualMachineInstanceSpec) { s.Domain.CPU.Cores = 2 })
	fixedSize := func(m *Machine) { m.VM.Spec.Instancetype = &kubevirt.InstancetypeMatcher{Name: "small"} }
	const fixedNow = "The machine's size is fixed while it runs: its annotation harvesterhci.io/enableCPUAndMemoryHotplug is not true."
	cases := map[string]struct {
		reason  string
		action  string
		machine Machine
		want    string
	}{
		"AddOn":       {"the usual case", "addVolume", on(furnished), ""},
		"AddOff":      {"a machine that is off has it when it starts", "addVolume", off(furnished), ""},
		"AddPaused":   {"a frozen guest finds it when it goes on", "addVolume", on(furnished, pausedNow), ""},
		"AddStarting": {"neither off nor on", "addVolume", on(furnished, phase(kubevirt.PhaseScheduled), status(kubevirt.StatusStarting)), "The machine is starting."},
		"AddStopping": {"on its way out", "addVolume", on(furnished, status(kubevirt.StatusStopping)), "The machine is stopping."},
		"AddMoving":   {"between two nodes", "addVolume", on(furnished, migrating), "The machine is migrating."},
		"AddVolumes":  {"one change of the disks at a time", "addVolume", on(furnished, volumesMoving), isMoving},
		"AddSnapshot": {"KubeVirt refuses this", "addVolume", on(furnished, snapshot), "A snapshot of the machine is being taken."},
		"AddDeleted":  {"too late", "addVolume", on(furnished, deleted), "The machine is being deleted."},
		"AddBare":     {"a machine that declares nothing", "addVolume", off(), ""},

		"RemoveOn":   {"the usual case", "removeVolume", on(furnished), ""},
		"RemoveNone": {"built-in disks stay", "removeVolume", on(), "The machine has no disk that could be unplugged: only one that was plugged in can."},
		"RemoveGone": {"too late", "removeVolume", on(furnished, deleted), "The machine is being deleted."},

		"NicOn":         {"the usual case", "addNic", on(furnished), ""},
		"NicOff":        {"it needs no migration", "addNic", off(furnished), ""},
		"NicStuck":      {"it comes by a migration", "addNic", on(furnished, stuck), "The machine cannot be migrated, by which this is done: its disk is not shared"},
		"NicUnknown":    {"the node has not looked", "addNic", on(furnished, condition(kubevirt.InstanceReady, corev1.ConditionTrue, "")), "It is not known yet whether the machine can be migrated, by which this is done."},
		"NicNowhere":    {"a site with one node", "addNic", on(furnished, func(m *Machine) { m.Targets = nil }), "There is no other node that the machine could run on, and this is done by a migration."},
		"NicUnseen":     {"KubeVirt decides for who may not see", "addNic", on(furnished, unseen), ""},
		"NicNode":       {"its own controllers know its cards", "addNic", on(furnished, node), "The machine is a node of guest cluster rke, which decides what cards it has."},
		"NicNameless":   {"the migration would change it", "addNic", on(furnished, nameless), "Network card default has no hardware address, and would get another one by the migration that plugs a card in. Write one into the machine first."},
		"NicMoving":     {"one migration at a time", "addNic", on(furnished, migrating), "The machine is migrating."},
		"NicRemove":     {"the usual case", "removeNic", on(furnished), ""},
		"NicRemoveNone": {"there is only the pod's own", "removeNic", on(), "The machine has no network card that could be unplugged."},
		"NicRemoveNode": {"its own controllers know its cards", "removeNic", on(furnished, node), "The machine is a node of guest cluster rke, which decides what cards it has."},
		"NicFind":       {"asking is always allowed", "findHotunpluggableNics", off(), ""},
		"NicFindGone":   {"but for what goes", "findHotunpluggableNics", on(deleted), "The machine is being deleted."},

		"InsertOn":   {"the usual case", "insertCdRomVolume", on(furnished), ""},
		"InsertNone": {"no drive", "insertCdRomVolume", on(), "The machine has no empty CD-ROM drive."},
		"InsertGone": {"too late", "insertCdRomVolume", on(furnished, deleted), "The machine is being deleted."},
		"EjectOn":    {"the usual case", "ejectCdRomVolume", on(furnished), ""},
		"EjectNone":  {"nothing in it", "ejectCdRomVolume", on(), "The machine has no CD-ROM drive with something in it that could be ejected now."},
		"EjectFixed": {"KubeVirt would ask for a restart", "ejectCdRomVolume", on(furnished, declared(func(s *kubevirt.VirtualMachineInstanceSpec) { s.Volumes[2].PersistentVolumeClaim.Hotpluggable = false })), "The machine has no CD-ROM drive with something in it that could be ejected now."},
		"EjectOff":   {"off, it may be anything", "ejectCdRomVolume", off(furnished, declared(func(s *kubevirt.VirtualMachineInstanceSpec) { s.Volumes[2].PersistentVolumeClaim.Hotpluggable = false })), ""},

		"SizeOn":       {"the usual case", "cpuAndMemoryHotplug", on(furnished), ""},
		"SizeOff":      {"then one edits the machine", "cpuAndMemoryHotplug", off(furnished), "The machine is not running."},
		"SizeFixed":    {"who made it did not want that", "cpuAndMemoryHotplug", on(furnished, annotatedHotplug("false")), fixedNow},
		"SizeBare":     {"nor where nothing is said", "cpuAndMemoryHotplug", on(), fixedNow},
		"SizeTyped":    {"an instance type decides", "cpuAndMemoryHotplug", on(furnished, fixedSize), "The machine's size is that of its instance type."},
		"SizeCores":    {"KubeVirt plugs sockets", "cpuAndMemoryHotplug", on(furnished, cores), "The machine has 2 cores with 1 threads in each socket. Only a machine with one of each gets more sockets while it runs."},
		"SizePaused":   {"a frozen guest takes nothing", "cpuAndMemoryHotplug", on(furnished, pausedNow), "The machine is paused."},
		"SizeMoving":   {"one migration at a time", "cpuAndMemoryHotplug", on(furnished, migrating), "The machine is migrating."},
		"SizeStuck":    {"it comes by a migration", "cpuAndMemoryHotplug", on(furnished, stuck), "The machine cannot be migrated, by which this is done: its disk is not shared"},
		"SizeNowhere":  {"a site with one node", "cpuAndMemoryHotplug", on(furnished, func(m *Machine) { m.Targets = nil }), "There is no other node that the machine could run on, and this is done by a migration."},
		"SizeRestart":  {"KubeVirt would do nothing", "cpuAndMemoryHotplug", on(furnished, restartWaits), "Changes of the machine wait for a restart. Restart it first."},
		"SizeCPU":      {"one change at a time", "cpuAndMemoryHotplug", on(furnished, alsoTrue(kubevirt.InstanceProcessorsChange)), "The machine is still getting the size that was asked for before."},
		"SizeMemory":   {"of either", "cpuAndMemoryHotplug", on(furnished, alsoTrue(kubevirt.InstanceMemoryChange)), "The machine is still getting the size that was asked for before."},
		"SizeStopping": {"on its way out", "cpuAndMemoryHotplug", on(furnished, status(kubevirt.StatusStopping)), "The machine is stopping."},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			for _, action := range Actions {
				if action.Name == tc.action {
					if diff := cmp.Diff(tc.want, action.Unless(tc.machine)); diff != "" {
						t.Errorf("%s: (-want +got)\n%s", tc.reason, diff)
					}
					return
				}
			}
			t.Errorf("there is no action %s", tc.action)
		})
	}
}

// refused is what an error tells a client: the field and the sentence.
func refused(t *testing.T, err error) [2]string {
	t.Helper()
	var input *capability.InputError
	if err != nil && !errors.As(err, &input) {
		t.Fatal(err)
	}
	if input == nil {
		return [2]string{}
	}
	return [2]string{input.Field, input.Problem}
}

func TestPluggable(t *testing.T) {
	owned := `[{"schema":"kubevirt.io.virtualmachine","refs":["default/other"]}]`
	cases := map[string]struct {
		reason    string
		claim     corev1.PersistentVolumeClaim
		shareable bool
		want      [2]string
	}{
		"Free":       {"the usual case", corev1.PersistentVolumeClaim{}, false, [2]string{}},
		"Golden":     {"the bytes of an image are nobody's to change", corev1.PersistentVolumeClaim{ObjectMeta: metav1.ObjectMeta{Annotations: map[string]string{harvesterv1.AnnotationGoldenImage: "true", harvesterv1.AnnotationImageID: "default/iso"}}}, false, [2]string{"volumeSourceName", "Volume spare holds the bytes of image default/iso. Cut a volume from the image instead."}},
		"Used":       {"two writers spoil a file system", corev1.PersistentVolumeClaim{ObjectMeta: metav1.ObjectMeta{Annotations: map[string]string{harvesterv1.AnnotationOwnedBy: owned}}}, false, [2]string{"volumeSourceName", "Volume spare is used by default/other. Two machines can only use one volume that is shareable."}},
		"Shared":     {"unless they know of each other", corev1.PersistentVolumeClaim{ObjectMeta: metav1.ObjectMeta{Annotations: map[string]string{harvesterv1.AnnotationOwnedBy: owned}}, Spec: corev1.PersistentVolumeClaimSpec{AccessModes: []corev1.PersistentVolumeAccessMode{corev1.ReadWriteMany}}}, true, [2]string{}},
		"Unshared":   {"one node alone reaches it", corev1.PersistentVolumeClaim{}, true, [2]string{"shareable", "Volume spare cannot be shared: it is not ReadWriteMany."}},
		"BeingGone":  {"too late", corev1.PersistentVolumeClaim{ObjectMeta: metav1.ObjectMeta{DeletionTimestamp: ptr.To(metav1.Now())}}, false, [2]string{"volumeSourceName", "Volume spare is being deleted."}},
		"ItsOwnDisk": {"once is enough", corev1.PersistentVolumeClaim{ObjectMeta: metav1.ObjectMeta{Name: "data"}}, false, [2]string{"volumeSourceName", "The machine has volume data already."}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if tc.claim.Name == "" {
				tc.claim.Name = "spare"
			}
			if diff := cmp.Diff(tc.want, refused(t, pluggable(on(furnished).VM, &tc.claim, tc.shareable))); diff != "" {
				t.Errorf("%s: (-want +got)\n%s", tc.reason, diff)
			}
		})
	}
}

func TestNames(t *testing.T) {
	vm := on(furnished).VM
	disk := func(name string) error { return nameFree(vm, name) }
	unplug := func(name string) error { _, err := unpluggable(vm, name); return err }
	card := func(name, network, address string) error { return cardFree(vm, AddNicInput{name, network, address}) }
	eject := func(name string) error { _, err := ejectable(on(furnished), name); return err }
	cases := map[string]struct {
		reason string
		err    error
		want   [2]string
	}{
		"DiskFree":     {"the usual case", disk("more"), [2]string{}},
		"DiskTaken":    {"KubeVirt pairs by name", disk("extra"), [2]string{"diskName", "The machine has a disk extra already."}},
		"DiskDrive":    {"an empty drive has a name, too", disk("empty"), [2]string{"diskName", "The machine has a disk empty already."}},
		"DiskNameless": {"which?", disk(""), [2]string{"diskName", "Say what the machine is to call the disk."}},
		"UnplugExtra":  {"the usual case", unplug("extra"), [2]string{}},
		"UnplugRoot":   {"a guest stands on it", unplug("root"), [2]string{"diskName", "Disk root is built in. Unplugged can be: extra. Take it out of the machine when it is off."}},
		"UnplugDrive":  {"drives stay", unplug("full"), [2]string{"diskName", "full is a CD-ROM drive. Eject what is in it instead."}},
		"UnplugNone":   {"a slip", unplug("exta"), [2]string{"diskName", "The machine has no disk exta. Unplugged can be: extra."}},
		"CardFree":     {"the usual case", card("lan", "default/vlan-7", ""), [2]string{}},
		"CardTaken":    {"KubeVirt pairs by name", card("vlan", "vlan-7", ""), [2]string{"interfaceName", "The machine has a network card vlan already."}},
		"CardSpaced":   {"KubeVirt takes no such name", card("my lan", "vlan-7", ""), [2]string{"interfaceName", `"my lan" cannot be the name of a network card: letters, digits, - and _, 63 of them at most.`}},
		"CardNowhere":  {"on which network?", card("lan", "", ""), [2]string{"networkName", "Say which network the card is to be on."}},
		"CardTwin":     {"neither would be reached", card("lan", "vlan-7", "02-00-00-00-00-02"), [2]string{"macAddress", "The machine's card vlan has the address 02:00:00:00:00:02 already."}},
		"CardOdd":      {"a slip", card("lan", "vlan-7", "02:00"), [2]string{"macAddress", "02:00 is no hardware address such as 02:00:5e:10:00:01."}},
		"InsertEmpty":  {"the usual case", driveEmpty(vm, "empty"), [2]string{}},
		"InsertFull":   {"one disc at a time", driveEmpty(vm, "full"), [2]string{"DeviceName", "There is something in CD-ROM drive full. Eject it first."}},
		"InsertDisk":   {"a disk is no drive", driveEmpty(vm, "root"), [2]string{"DeviceName", `The machine has no CD-ROM drive "root". It has: empty, full.`}},
		"EjectFull":    {"the usual case", eject("full"), [2]string{}},
		"EjectEmpty":   {"it is done already", eject("empty"), [2]string{"deviceName", "CD-ROM drive empty is empty."}},
		"EjectDisk":    {"a disk is no drive", eject("extra"), [2]string{"deviceName", `The machine has no CD-ROM drive "extra". It has: empty, full.`}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(tc.want, refused(t, tc.err)); diff != "" {
				t.Errorf("%s: (-want +got)\n%s", tc.reason, diff)
			}
		})
	}
	if diff := cmp.Diff([]string{"vlan"}, unpluggableNics(vm)); diff != "" {
		t.Errorf("what a bridge joins to a network can be unplugged (-want +got)\n%s", diff)
	}
}

func TestResize(t *testing.T) {
	const at = "/spec/template/spec/domain"
	small := func(m *Machine) {
		m.VM.Spec.Template.Spec.Domain.Memory.MaxGuest, m.VMI.Spec.Domain.Memory.MaxGuest = nil, nil
	}
	booted := func(m *Machine) {
		m.VMI.Status.Memory = &kubevirt.MemoryStatus{GuestAtBoot: ptr.To(resource.MustParse("1Gi"))}
	}
	cases := map[string]struct {
		reason  string
		machine Machine
		sockets uint32
		memory  string
		want    []step
		refused [2]string
	}{
		"Both": {"the limits are those of the largest size", on(furnished), 4, "4Gi", []step{
			{"add", at + "/cpu/sockets", uint32(4)}, {"replace", at + "/memory/guest", "4Gi"},
		}, [2]string{}},
		"Limited": {"more than the limit comes to nothing", on(furnished, declared(func(s *kubevirt.VirtualMachineInstanceSpec) {
			s.Domain.Resources.Limits[corev1.ResourceCPU] = resource.MustParse("3")
		})), 4, "", nil, [2]string{"sockets", "The machine can have 3 sockets at most while it runs."}},
		"LimitedMemory": {"nor does memory", on(furnished, declared(func(s *kubevirt.VirtualMachineInstanceSpec) {
			s.Domain.Resources.Limits[corev1.ResourceMemory] = resource.MustParse("3Gi")
		})), 0, "4Gi", nil, [2]string{"memory", "The machine can have 3Gi at most while it runs."}},
		"Same":        {"nothing to do", on(furnished), 2, "2Gi", nil, [2]string{}},
		"Fewer":       {"a guest gives none back", on(furnished), 1, "", nil, [2]string{"sockets", "The machine has 2 sockets, of which none can be taken away while it runs."}},
		"TooMany":     {"its board has no more places", on(furnished), 9, "", nil, [2]string{"sockets", "The machine can have 8 sockets at most while it runs."}},
		"TooMuch":     {"nor for memory", on(furnished), 0, "9Gi", nil, [2]string{"memory", "The machine can have 8Gi at most while it runs."}},
		"Less":        {"what it was started with stays", on(furnished), 0, "1Gi", nil, [2]string{"memory", "The machine was started with 2Gi, of which none can be taken away while it runs."}},
		"BackToStart": {"what was plugged in may go", on(furnished, booted), 0, "1Gi", []step{{"replace", at + "/memory/guest", "1Gi"}}, [2]string{}},
		"Crooked":     {"memory comes in pieces", on(furnished), 0, "2049Mi", nil, [2]string{"memory", "2049Mi is not a multiple of 2Mi, in which memory comes."}},
		"Small":       {"KubeVirt plugs none into a small machine", on(furnished, small), 0, "4Gi", nil, [2]string{"memory", "The machine can get no memory while it runs: KubeVirt gives it only to machines that were started with 1Gi at least."}},
		"Word":        {"a slip", on(furnished), 0, "much", nil, [2]string{"memory", "much is no amount of memory such as 4Gi."}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got, err := moreProcessors(tc.machine, tc.sockets)
			if err == nil {
				var more []step
				more, err = moreMemory(tc.machine, tc.memory)
				got = append(got, more...)
			}
			if diff := cmp.Diff(tc.refused, refused(t, err)); diff != "" {
				t.Errorf("%s: refused (-want +got)\n%s", tc.reason, diff)
			}
			if diff := cmp.Diff(tc.want, got); diff != "" && err == nil {
				t.Errorf("%s: (-want +got)\n%s", tc.reason, diff)
			}
		})
	}
}

func TestDisc(t *testing.T) {
	image := &harvesterv1.VirtualMachineImage{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "iso"}}
	image.Status.VirtualSize, image.Status.StorageClassName = 5<<20+1, "lh-iso"
	got := disc("web", "cd", image, "x7f2q")
	text, err := json.Marshal(got.Spec)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"resources":{"requests":{"storage":"6Mi"}},"storageClassName":"lh-iso"}`
	if got.Name != "web-cd-x7f2q" || got.Annotations[harvesterv1.AnnotationImageID] != "default/iso" || string(text) != want {
		t.Errorf("a volume for the image: %s, %v, %s", got.Name, got.Annotations, text)
	}
	long := disc("a-machine-with-a-name-that-is-as-long-as-a-label-may-be-in-all-", "cd", image, "x7f2q").Name
	if len(long) > 63 {
		t.Errorf("a name of %d characters: %s", len(long), long)
	}
}
