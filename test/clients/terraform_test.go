package clients

import (
	"testing"

	"github.com/harvester/harvester/pkg/builder"
	"github.com/harvester/harvester/pkg/util"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	kubevirtv1 "kubevirt.io/api/core/v1"
)

// creator is what the Terraform provider calls itself.
const creator = "terraform-provider-harvester"

// stack is a machine of the Terraform provider's.
type stack struct{ life }

// TestTerraform goes through the life of a machine in the order in which a user of the Terraform provider does.
func TestTerraform(t *testing.T) {
	s := stack{begin(t, open(t, "clients-terraform"), "tf-machine")}
	s.makeClaim(t, s.claim("data", "32Mi", nil))
	live(t,
		step{"Secret", s.secret},
		step{"Make", s.made},
		step{"Read", func(t *testing.T) { s.reads(t, plan{1, "256Mi", "Made by Terraform."}) }},
		step{"Volume", s.inUse},
		step{"Strict", s.strict},
		step{"Edit", s.edited},
		step{"Reread", func(t *testing.T) { s.reads(t, plan{2, "384Mi", "Changed by Terraform."}) }},
		step{"Restart", s.restarted},
		step{"Delete", s.deleted},
	)
}

// plan is what changes of the machine.
type plan struct {
	cores       int
	memory      string
	description string
}

// secret keeps the user data where it is too long to be in the machine. The provider reads it back decoded.
func (s stack) secret(t *testing.T) {
	secrets := s.kube.CoreV1().Secrets(s.namespace)
	secret := &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{
			Name: "cloud", Namespace: s.namespace, Labels: map[string]string{builder.LabelPrefixHarvesterTag + "of": "cloud"},
			Annotations: map[string]string{builder.AnnotationKeyDescription: "User data."},
		},
		StringData: map[string]string{"userdata": "#cloud-config\n", "networkdata": ""},
	}
	if _, err := secrets.Create(t.Context(), secret, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	want := "#cloud-config\nhostname: tf-machine\n"
	if err := changed(t.Context(), secrets.Get, secrets.Update, "cloud", func(secret *corev1.Secret) {
		secret.Data, secret.StringData = nil, map[string]string{"userdata": want, "networkdata": ""}
	}); err != nil {
		t.Fatal(err)
	}
	found, err := secrets.Get(t.Context(), "cloud", metav1.GetOptions{})
	if err != nil || string(found.Data["userdata"]) != want {
		t.Errorf("the user data is what was written: %q, %v", found.Data, err)
	}
}

// furnished gives a machine its hardware: a disk cut from the image, one that is there, a card on the VLAN, user data, a
// key. The provider waits for the address of the card.
func (s stack) furnished(machine *builder.VMBuilder, mac string, wanted plan) *builder.VMBuilder {
	options := &builder.PersistentVolumeClaimOption{
		ImageID: s.image.Namespace + "/" + s.image.Name, VolumeMode: corev1.PersistentVolumeBlock, AccessMode: corev1.ReadWriteMany,
		StorageClassName: &s.image.Status.StorageClassName,
		Annotations:      map[string]string{"terraform-provider-harvester-auto-delete": "true"},
	}
	return machine.Labels(map[string]string{builder.LabelPrefixHarvesterTag + "ssh-user": "croft"}).SSHKey(s.namespace+"/mine").
		CPU(wanted.cores).Memory(wanted.memory).Description(wanted.description).
		WaitForLease("nic-0").NetworkInterface("nic-0", "virtio", mac, builder.NetworkInterfaceTypeBridge, s.namespace+"/"+lan).
		PVCDisk("rootdisk", builder.DiskBusVirtio, false, false, 1, "1Gi", s.name+"-root", options).
		ExistingVolumeDisk("datadisk", builder.DiskBusVirtio, false, false, 0, "data").
		CloudInitDisk(builder.CloudInitDiskName, builder.DiskBusVirtio, false, 0, builder.CloudInitSource{
			CloudInitType: builder.CloudInitTypeNoCloud, UserDataSecretName: "cloud", NetworkDataSecretName: "cloud",
		}).
		Input("tablet", builder.InputTypeTablet, builder.InputBusUSB)
}

func (s stack) made(t *testing.T) {
	empty := builder.NewVMBuilder(creator).Namespace(s.namespace).Name(s.name).HostName(s.name).MachineType("q35").
		EvictionStrategy(true).DefaultPodAntiAffinity().RunStrategy(kubevirtv1.RunStrategyRerunOnFailure)
	vm, err := s.furnished(empty, "", plan{1, "256Mi", "Made by Terraform."}).VM()
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.harvester.KubevirtV1().VirtualMachines(s.namespace).Create(t.Context(), vm, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	s.runs(t, "")
}

// edited changes the machine as the provider does: it takes all hardware out of what it has read, and puts it in again
// with what its own state says.
func (s stack) edited(t *testing.T) {
	s.edit(t, func(vm *kubevirtv1.VirtualMachine) {
		spec := &vm.Spec.Template.Spec
		mac := spec.Domain.Devices.Interfaces[0].MacAddress
		spec.Domain.Devices.Interfaces, spec.Domain.Devices.Disks, spec.Domain.Devices.Inputs = []kubevirtv1.Interface{}, []kubevirtv1.Disk{}, []kubevirtv1.Input{}
		spec.Networks, spec.Volumes, spec.Domain.Devices.TPM = []kubevirtv1.Network{}, []kubevirtv1.Volume{}, nil
		vm.Annotations[util.AnnotationVolumeClaimTemplates] = "[]"
		if _, err := s.furnished(&builder.VMBuilder{VirtualMachine: vm}, mac, plan{2, "384Mi", "Changed by Terraform."}).VM(); err != nil {
			t.Fatal(err)
		}
	})
}

// restarted has the change take effect.
func (s stack) restarted(t *testing.T) {
	_, before := s.now(t)
	s.put(t, "restart", nil)
	if cores := s.runs(t, before.UID).Spec.Domain.CPU.Cores; cores != 2 {
		t.Errorf("after a restart it has %d cores", cores)
	}
}

// deleted names the disks that go: those that Terraform has made, and none that was there.
func (s stack) deleted(t *testing.T) {
	root := s.name + "-root"
	s.edit(t, func(vm *kubevirtv1.VirtualMachine) { vm.Annotations[util.RemovedPVCsAnnotationKey] = root })
	s.end(t)
	s.claimGone(t, root)
	if !s.hasClaim(t, "data") {
		t.Error("the disk that was not named stays")
	}
}
