package main

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/kubevirt"
	"crofthci.io/croft/pkg/multus"
	"crofthci.io/croft/test/manager"
)

// refuses asks for an action and expects a 422 about a field.
func refuses(t *testing.T, user, name, action, body, field, sentence string) {
	t.Helper()
	got := act(t, user, name, action, body, http.StatusUnprocessableEntity)
	if got.body.FieldName != field || !strings.Contains(got.body.Message, sentence) {
		t.Errorf("%s %s: want field %s and %q, got %s", action, body, field, sentence, got.text)
	}
}

// unclaimed makes a volume that no machine uses.
func unclaimed(t *testing.T, name string, annotations map[string]string, mode corev1.PersistentVolumeAccessMode) {
	t.Helper()
	claim := &corev1.PersistentVolumeClaim{ObjectMeta: metav1.ObjectMeta{Namespace: home, Name: name, Annotations: annotations}}
	claim.Spec.AccessModes = []corev1.PersistentVolumeAccessMode{mode}
	claim.Spec.Resources.Requests = corev1.ResourceList{corev1.ResourceStorage: resource.MustParse("1Gi")}
	create(t, claim)
}

// declares changes what a machine declares.
func declares(t *testing.T, m *kubevirt.VirtualMachine, change func(spec *kubevirt.VirtualMachineInstanceSpec)) {
	t.Helper()
	change(&read(t, m).Spec.Template.Spec)
	if err := site.admin.Update(t.Context(), m); err != nil {
		t.Fatal(err)
	}
}

func TestPlugVolume(t *testing.T) {
	m := running(t, "web")
	unclaimed(t, "spare", nil, corev1.ReadWriteMany)
	unclaimed(t, "single", nil, corev1.ReadWriteOnce)
	unclaimed(t, "golden", map[string]string{"harvesterhci.io/goldenImage": "true", "harvesterhci.io/imageId": "default/iso"}, corev1.ReadWriteMany)
	unclaimed(t, "taken", map[string]string{
		"harvesterhci.io/owned-by": `[{"schema":"kubevirt.io.virtualmachine","refs":["default/other"]}]`,
	}, corev1.ReadWriteMany)

	act(t, viewer, "web", "addVolume", `{"diskName":"extra","volumeSourceName":"spare"}`, http.StatusForbidden)
	act(t, owner, "web", "addVolume", `{"diskName":"extra","volumeSourceName":"spare"}`, http.StatusForbidden) // it may not read volumes
	act(t, admin, "web", "removeVolume", `{"diskName":"root"}`, http.StatusConflict)
	refuses(t, admin, "web", "addVolume", `{"diskName":"root","volumeSourceName":"spare"}`, "diskName", "has a disk root already")
	refuses(t, admin, "web", "addVolume", `{"diskName":"Extra","volumeSourceName":"spare"}`, "diskName", "cannot be the name of a disk")
	refuses(t, admin, "web", "addVolume", `{"diskName":"extra"}`, "volumeSourceName", "Say which volume")
	refuses(t, admin, "web", "addVolume", `{"diskName":"extra","volumeSourceName":"none"}`, "volumeSourceName", "There is no volume none in namespace default.")
	refuses(t, admin, "web", "addVolume", `{"diskName":"extra","volumeSourceName":"golden"}`, "volumeSourceName", "image default/iso")
	refuses(t, admin, "web", "addVolume", `{"diskName":"extra","volumeSourceName":"taken"}`, "volumeSourceName", "used by default/other")
	refuses(t, admin, "web", "addVolume", `{"diskName":"extra","volumeSourceName":"single","shareable":true}`, "shareable", "not ReadWriteMany")
	refuses(t, admin, "web", "addVolume", `{"diskName":"extra","volume":"spare"}`, "volume", "no field volume")

	act(t, admin, "web", "addVolume", `{"diskName":"extra","volumeSourceName":"spare"}`, http.StatusNoContent)
	act(t, admin, "web", "addVolume", `{"diskName":"both","volumeSourceName":"taken","shareable":true}`, http.StatusNoContent)
	spec := read(t, m).Spec.Template.Spec
	want := []kubevirt.Disk{
		{Name: "root", DiskDevice: spec.Domain.Devices.Disks[0].DiskDevice},
		{Name: "extra", DiskDevice: kubevirt.DiskDevice{Disk: &kubevirt.DiskTarget{Bus: kubevirt.DiskBusSCSI}}},
		{Name: "both", Shareable: ptr.To(true), Cache: kubevirt.CacheNone, DiskDevice: kubevirt.DiskDevice{Disk: &kubevirt.DiskTarget{Bus: kubevirt.DiskBusSCSI}}},
	}
	if diff := cmp.Diff(want, spec.Domain.Devices.Disks); diff != "" {
		t.Errorf("the disks (-want +got)\n%s", diff)
	}
	if source := spec.Volumes[1].PersistentVolumeClaim; source == nil || source.ClaimName != "spare" || !source.Hotpluggable {
		t.Errorf("a volume that can be unplugged: %v", spec.Volumes[1])
	}
	refuses(t, admin, "web", "addVolume", `{"diskName":"again","volumeSourceName":"spare"}`, "volumeSourceName", "has volume spare already")
	refuses(t, admin, "web", "removeVolume", `{"diskName":"root"}`, "diskName", "Disk root is built in.")
	refuses(t, admin, "web", "removeVolume", `{"diskName":"none"}`, "diskName", "no disk none. Unplugged can be: extra, both.")
	act(t, viewer, "web", "removeVolume", `{"diskName":"extra"}`, http.StatusForbidden)
	act(t, owner, "web", "removeVolume", `{"diskName":"extra"}`, http.StatusNoContent)
	if volumes := read(t, m).Spec.Template.Spec.Volumes; len(volumes) != 2 || volumes[1].Name != "both" {
		t.Errorf("the volume is unplugged: %v", volumes)
	}
}

func TestPlugVolumeOff(t *testing.T) {
	m := halted(t, "off", nil)
	unclaimed(t, "spare", nil, corev1.ReadWriteMany)
	act(t, admin, "off", "addVolume", `{"diskName":"extra","volumeSourceName":"spare"}`, http.StatusNoContent)
	if volumes := read(t, m).Spec.Template.Spec.Volumes; len(volumes) != 2 {
		t.Errorf("a machine that is off has it when it starts: %v", volumes)
	}
	act(t, admin, "off", "removeVolume", `{"diskName":"extra"}`, http.StatusNoContent)
}

// networks defines network attachments, and makes one.
func networks(t *testing.T, name string) {
	t.Helper()
	definition := manager.Open(multus.AttachmentKind, false)
	definition.Spec.Names.Plural = multus.Attachments.Resource
	definition.Name = multus.Attachments.Resource + "." + multus.GroupVersion.Group
	establish(t, definition)
	attachment := &unstructured.Unstructured{}
	attachment.SetGroupVersionKind(multus.AttachmentKind)
	attachment.SetNamespace(home)
	attachment.SetName(name)
	eventually(t, "the kind can be made", func() bool { return site.admin.Create(t.Context(), attachment) == nil })
	t.Cleanup(func() { remove(t, attachment) })
}

// establish makes a definition and waits until it is served.
func establish(t *testing.T, definition *apiextensionsv1.CustomResourceDefinition) {
	t.Helper()
	create(t, definition)
	eventually(t, definition.Name+" is served", func() bool {
		for _, condition := range read(t, definition).Status.Conditions {
			if condition.Type == apiextensionsv1.Established && condition.Status == apiextensionsv1.ConditionTrue {
				return true
			}
		}
		return false
	})
}

func TestPlugNic(t *testing.T) {
	m := running(t, "web")
	declares(t, m, func(spec *kubevirt.VirtualMachineInstanceSpec) {
		spec.Networks = []kubevirt.Network{{Name: "default", NetworkSource: kubevirt.NetworkSource{Pod: &kubevirt.PodNetwork{}}}}
		spec.Domain.Devices.Interfaces = []kubevirt.Interface{{
			Name: "default", MacAddress: "02:00:00:00:00:01",
			InterfaceBindingMethod: kubevirt.InterfaceBindingMethod{Masquerade: &kubevirt.InterfaceMasquerade{}},
		}}
	})
	const lan = `{"interfaceName":"lan","networkName":"default/vlan-7","macAddress":"02:00:00:00:00:02"}`
	refuses(t, admin, "web", "addNic", lan, "networkName", "There is no network default/vlan-7.")
	networks(t, "vlan-7")
	act(t, viewer, "web", "addNic", lan, http.StatusForbidden)
	act(t, owner, "web", "addNic", lan, http.StatusForbidden) // it may not read networks
	refuses(t, admin, "web", "addNic", `{"interfaceName":"default","networkName":"default/vlan-7"}`, "interfaceName", "card default already")
	refuses(t, admin, "web", "addNic", `{"interfaceName":"a b","networkName":"default/vlan-7"}`, "interfaceName", "cannot be the name")
	refuses(t, admin, "web", "addNic", `{"interfaceName":"lan"}`, "networkName", "Say which network")
	refuses(t, admin, "web", "addNic", `{"interfaceName":"lan","networkName":"vlan-7","macAddress":"02:00:00:00:00:01"}`, "macAddress", "has the address")
	act(t, admin, "web", "removeNic", `{"interfaceName":"default"}`, http.StatusConflict)

	act(t, admin, "web", "addNic", lan, http.StatusNoContent)
	spec := read(t, m).Spec.Template.Spec
	if len(spec.Networks) != 2 || spec.Networks[1].Multus == nil || spec.Networks[1].Multus.NetworkName != "default/vlan-7" {
		t.Errorf("on the network: %v", spec.Networks)
	}
	if card := spec.Domain.Devices.Interfaces[1]; card.Bridge == nil || card.Model != kubevirt.ModelVirtio || card.MacAddress != "02:00:00:00:00:02" {
		t.Errorf("by a bridge: %v", card)
	}
	var found struct{ Interfaces []string }
	got := act(t, viewer, "web", "findHotunpluggableNics", "", http.StatusOK)
	if err := json.Unmarshal([]byte(got.text), &found); err != nil || len(found.Interfaces) != 1 || found.Interfaces[0] != "lan" {
		t.Errorf("what can be unplugged: %s", got.text)
	}
	refuses(t, admin, "web", "removeNic", `{"interfaceName":"default"}`, "interfaceName", "Card default is built in")
	refuses(t, admin, "web", "removeNic", `{"interfaceName":"none"}`, "interfaceName", "no network card none")
	act(t, viewer, "web", "removeNic", `{"interfaceName":"lan"}`, http.StatusForbidden)
	act(t, owner, "web", "removeNic", `{"interfaceName":"lan"}`, http.StatusNoContent)
	if card := read(t, m).Spec.Template.Spec.Domain.Devices.Interfaces[1]; card.State != kubevirt.InterfaceAbsent {
		t.Errorf("the card is on its way out: %v", card)
	}
	act(t, owner, "web", "removeNic", `{"interfaceName":"lan"}`, http.StatusConflict)

	read(t, m).Labels = map[string]string{"guestcluster.harvesterhci.io/name": "rke"}
	if err := site.admin.Update(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	got = act(t, admin, "web", "addNic", lan, http.StatusConflict)
	if !strings.Contains(got.body.Message, "guest cluster rke") {
		t.Errorf("it says whose node it is: %s", got.text)
	}
}

func TestDrive(t *testing.T) {
	m := running(t, "web")
	act(t, admin, "web", "insertCdRomVolume", `{"DeviceName":"cd","imageName":"default/iso"}`, http.StatusConflict)
	declares(t, m, func(spec *kubevirt.VirtualMachineInstanceSpec) {
		spec.Domain.Devices.Disks = append(spec.Domain.Devices.Disks, kubevirt.Disk{
			Name: "cd", DiskDevice: kubevirt.DiskDevice{CDRom: &kubevirt.CDRomTarget{Bus: kubevirt.DiskBusSATA}},
		})
	})
	image := &harvesterv1.VirtualMachineImage{ObjectMeta: metav1.ObjectMeta{Namespace: home, Name: "iso"}}
	image.Spec = harvesterv1.VirtualMachineImageSpec{DisplayName: "iso", SourceType: "download", URL: "http://images.example.org/iso"}
	create(t, image)
	const insert = `{"DeviceName":"cd","imageName":"default/iso"}`
	refuses(t, admin, "web", "insertCdRomVolume", insert, "imageName", "Image default/iso is not ready")
	image.Status.VirtualSize = 5<<20 + 1
	image.Status.Conditions = []harvesterv1.Condition{{Type: harvesterv1.ImageImported, Status: metav1.ConditionTrue}}
	if err := site.admin.Status().Update(t.Context(), image); err != nil {
		t.Fatal(err)
	}
	act(t, viewer, "web", "insertCdRomVolume", insert, http.StatusForbidden)
	act(t, owner, "web", "insertCdRomVolume", insert, http.StatusForbidden) // it may not read images
	refuses(t, admin, "web", "insertCdRomVolume", `{"DeviceName":"root","imageName":"iso"}`, "DeviceName", `no CD-ROM drive "root". It has: cd.`)
	refuses(t, admin, "web", "insertCdRomVolume", `{"DeviceName":"cd","imageName":"none"}`, "imageName", "There is no image default/none.")
	refuses(t, admin, "web", "insertCdRomVolume", `{"deviceName":"cd","imageName":"iso"}`, "deviceName", "no field deviceName")
	act(t, admin, "web", "ejectCdRomVolume", `{"deviceName":"cd"}`, http.StatusConflict)

	act(t, admin, "web", "insertCdRomVolume", insert, http.StatusNoContent)
	volume := read(t, m).Spec.Template.Spec.Volumes[1]
	if volume.Name != "cd" || volume.PersistentVolumeClaim == nil || !volume.PersistentVolumeClaim.Hotpluggable {
		t.Fatalf("the drive has a volume: %v", volume)
	}
	name := volume.PersistentVolumeClaim.ClaimName
	templates := m.Annotations["harvesterhci.io/volumeClaimTemplates"]
	if !strings.HasPrefix(name, "web-cd-") || !strings.Contains(templates, name) || !strings.Contains(templates, `"storage":"6Mi"`) {
		t.Errorf("the volume %s is to be made: %s", name, templates)
	}
	act(t, admin, "web", "insertCdRomVolume", insert, http.StatusConflict)

	unclaimed(t, name, nil, corev1.ReadWriteMany) // as the controller makes it
	act(t, viewer, "web", "ejectCdRomVolume", `{"deviceName":"cd"}`, http.StatusForbidden)
	act(t, owner, "web", "ejectCdRomVolume", `{"deviceName":"cd"}`, http.StatusForbidden) // it may not remove volumes
	refuses(t, admin, "web", "ejectCdRomVolume", `{"deviceName":"root"}`, "deviceName", `no CD-ROM drive "root"`)
	if volumes := read(t, m).Spec.Template.Spec.Volumes; len(volumes) != 2 {
		t.Errorf("who may not remove the volume ejects nothing: %v", volumes)
	}
	act(t, admin, "web", "ejectCdRomVolume", `{"deviceName":"cd"}`, http.StatusNoContent)
	read(t, m)
	if volumes := m.Spec.Template.Spec.Volumes; len(volumes) != 1 || m.Annotations["harvesterhci.io/volumeClaimTemplates"] != "[]" {
		t.Errorf("the drive is empty: %v, %v", volumes, m.Annotations)
	}
	claim := &corev1.PersistentVolumeClaim{ObjectMeta: metav1.ObjectMeta{Namespace: home, Name: name}}
	eventually(t, "the volume goes", func() bool {
		err := site.admin.Get(t.Context(), client.ObjectKeyFromObject(claim), claim)
		return err != nil || claim.DeletionTimestamp != nil
	})
}

func TestResize(t *testing.T) {
	m := running(t, "web")
	const larger = `{"sockets":4,"memory":"4Gi"}`
	got := act(t, admin, "web", "cpuAndMemoryHotplug", larger, http.StatusConflict)
	if !strings.Contains(got.body.Message, "harvesterhci.io/enableCPUAndMemoryHotplug") {
		t.Errorf("it names the annotation: %s", got.text)
	}
	read(t, m).Annotations = map[string]string{"harvesterhci.io/enableCPUAndMemoryHotplug": "true"}
	size := func(domain *kubevirt.DomainSpec) {
		domain.CPU = &kubevirt.CPU{Sockets: 2, Cores: 1, Threads: 1, MaxSockets: 8}
		domain.Memory = &kubevirt.Memory{Guest: ptr.To(resource.MustParse("2Gi")), MaxGuest: ptr.To(resource.MustParse("8Gi"))}
		domain.Resources.Limits = corev1.ResourceList{corev1.ResourceCPU: resource.MustParse("8"), corev1.ResourceMemory: resource.MustParse("8Gi")}
	}
	size(&m.Spec.Template.Spec.Domain)
	if err := site.admin.Update(t.Context(), m); err != nil {
		t.Fatal(err)
	}
	// Its instance runs already, without a maximum of memory.
	refuses(t, admin, "web", "cpuAndMemoryHotplug", `{}`, "sockets", "Say how many sockets or how much memory")
	refuses(t, admin, "web", "cpuAndMemoryHotplug", `{"sockets":1}`, "sockets", "none can be taken away")
	refuses(t, admin, "web", "cpuAndMemoryHotplug", `{"memory":"4Gi"}`, "memory", "can get no memory while it runs")
	refuses(t, admin, "web", "cpuAndMemoryHotplug", `{"memory":"lots"}`, "memory", "no amount of memory")
	refuses(t, admin, "web", "cpuAndMemoryHotplug", `{"sockets":"4"}`, "sockets", "must be a")
	act(t, viewer, "web", "cpuAndMemoryHotplug", larger, http.StatusForbidden)
	act(t, owner, "web", "cpuAndMemoryHotplug", `{"sockets":4}`, http.StatusNoContent)
	domain := read(t, m).Spec.Template.Spec.Domain
	if domain.CPU.Sockets != 4 {
		t.Errorf("four sockets: %v", domain.CPU)
	}
	refuses(t, owner, "web", "cpuAndMemoryHotplug", `{"sockets":9}`, "sockets", "at most while it runs")
}
