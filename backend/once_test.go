package main

import (
	"net/http"
	"strings"
	"sync"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"crofthci.io/croft/backend/virtualmachine/claim"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/kubevirt"
)

// atOnce asks for an action with every body at the same moment, and answers which of them were done. Whoever was refused
// has been told why in a sentence.
func atOnce(t *testing.T, name, action string, bodies ...string) []string {
	t.Helper()
	answers := make([]answer, len(bodies))
	var group sync.WaitGroup
	for i, body := range bodies {
		group.Go(func() { answers[i] = ask(t, admin, http.MethodPost, machines+name+"?action="+action, body) })
	}
	group.Wait()
	var done []string
	for i, got := range answers {
		refused := got.status == http.StatusConflict || got.status == http.StatusUnprocessableEntity
		switch {
		case got.status == http.StatusNoContent:
			done = append(done, bodies[i])
		case !refused || !strings.HasSuffix(got.body.Message, "."):
			t.Errorf("%s %s: done, or refused with a sentence: %d %s", action, bodies[i], got.status, got.text)
		}
	}
	return done
}

// requireDone holds that as many of them were done as should be.
func requireDone(t *testing.T, reason string, want int, done []string) {
	t.Helper()
	if len(done) != want {
		t.Errorf("%s: want %d done, got %v", reason, want, done)
	}
}

// TestVolumesAtOnce plugs and unplugs disks of one machine from several sides.
func TestVolumesAtOnce(t *testing.T) {
	m := running(t, "web")
	for _, name := range []string{"first", "second", "third"} {
		unclaimed(t, name, nil, corev1.ReadWriteMany)
	}
	plug := func(disk, volume string) string {
		return `{"diskName":"` + disk + `","volumeSourceName":"` + volume + `"}`
	}
	requireDone(t, "two disks", 2, atOnce(t, "web", "addVolume", plug("a", "first"), plug("b", "second")))
	if used := claim.Used(read(t, m)); len(used) != 3 {
		t.Errorf("neither is lost: %v", used)
	}
	requireDone(t, "one disk twice", 1, atOnce(t, "web", "addVolume", plug("c", "third"), plug("c", "third")))
	requireDone(t, "one volume as two disks", 0, atOnce(t, "web", "addVolume", plug("d", "third"), plug("e", "third")))
	requireDone(t, "two disks unplugged", 2, atOnce(t, "web", "removeVolume", `{"diskName":"a"}`, `{"diskName":"b"}`))
	requireDone(t, "one unplugged twice", 1, atOnce(t, "web", "removeVolume", `{"diskName":"c"}`, `{"diskName":"c"}`))
	if used := claim.Used(read(t, m)); len(used) != 1 || used[0] != "web-root" {
		t.Errorf("what is built in is left: %v", used)
	}
}

// TestDriveAtOnce fills and empties one drive from two sides.
func TestDriveAtOnce(t *testing.T) {
	m := running(t, "web")
	declares(t, m, func(spec *kubevirt.VirtualMachineInstanceSpec) {
		spec.Domain.Devices.Disks = append(spec.Domain.Devices.Disks, kubevirt.Disk{
			Name: "cd", DiskDevice: kubevirt.DiskDevice{CDRom: &kubevirt.CDRomTarget{Bus: kubevirt.DiskBusSATA}},
		})
	})
	image := &harvesterv1.VirtualMachineImage{ObjectMeta: metav1.ObjectMeta{Namespace: home, Name: "disc"}}
	image.Spec = harvesterv1.VirtualMachineImageSpec{DisplayName: "disc", SourceType: "download", URL: "http://images.example.org/disc"}
	create(t, image)
	image.Status.VirtualSize = 1 << 20
	image.Status.Conditions = []harvesterv1.Condition{{Type: harvesterv1.ImageImported, Status: metav1.ConditionTrue}}
	if err := site.admin.Status().Update(t.Context(), image); err != nil {
		t.Fatal(err)
	}
	const insert, eject = `{"DeviceName":"cd","imageName":"disc"}`, `{"deviceName":"cd"}`
	requireDone(t, "one drive filled twice", 1, atOnce(t, "web", "insertCdRomVolume", insert, insert))
	templates, err := claim.Templates(read(t, m))
	if err != nil || len(templates) != 1 || len(m.Spec.Template.Spec.Volumes) != 2 {
		t.Fatalf("there is one disc in it: %v, %v, %v", templates, err, m.Spec.Template.Spec.Volumes)
	}
	requireDone(t, "one drive emptied twice", 1, atOnce(t, "web", "ejectCdRomVolume", eject, eject))
	if templates, err = claim.Templates(read(t, m)); err != nil || len(templates) != 0 || len(m.Spec.Template.Spec.Volumes) != 1 {
		t.Errorf("it is empty: %v, %v, %v", templates, err, m.Spec.Template.Spec.Volumes)
	}
}

// TestPowerAtOnce switches one machine from two sides.
func TestPowerAtOnce(t *testing.T) {
	m := halted(t, "web", map[string]string{"harvesterhci.io/vmRunStrategy": "RerunOnFailure"})
	requireDone(t, "started twice", 1, atOnce(t, "web", "start", "", ""))
	if strategy := kubevirt.StrategyOf(read(t, m)); strategy != kubevirt.RunStrategyRerunOnFailure {
		t.Errorf("with the strategy that it had: %s", strategy)
	}
	up := running(t, "up")
	requireDone(t, "stopped twice", 1, atOnce(t, "up", "stop", "", ""))
	kept := read(t, up).Annotations["harvesterhci.io/vmRunStrategy"]
	if kubevirt.StrategyOf(up) != kubevirt.RunStrategyHalted || kept != "RerunOnFailure" {
		t.Errorf("off, and it is known what it was: %s, %s", kubevirt.StrategyOf(up), kept)
	}
}

// TestCardsAtOnce plugs two cards into one machine.
func TestCardsAtOnce(t *testing.T) {
	m := running(t, "web")
	networks(t, "vlan-7")
	plug := func(name, last string) string {
		return `{"interfaceName":"` + name + `","networkName":"vlan-7","macAddress":"02:00:00:00:07:` + last + `"}`
	}
	done := atOnce(t, "web", "addNic", plug("lan", "01"), plug("dmz", "02"))
	if cards := read(t, m).Spec.Template.Spec.Domain.Devices.Interfaces; len(done) == 0 || len(cards) < len(done) {
		t.Errorf("what was done is there: %v, %v", done, cards)
	}
	requireDone(t, "one card twice", 1, atOnce(t, "web", "addNic", plug("san", "03"), plug("san", "03")))
}
