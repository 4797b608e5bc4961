package clients

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	harvesterv1 "github.com/harvester/harvester/pkg/apis/harvesterhci.io/v1beta1"
	"github.com/harvester/harvester/pkg/builder"
	"github.com/harvester/harvester/pkg/settings"
	"github.com/harvester/harvester/pkg/util"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	kubevirtv1 "kubevirt.io/api/core/v1"
)

// nodeDriver is what the node driver calls itself.
const nodeDriver = "docker-machine-driver-harvester"

// Labels of the nodes of a guest cluster.
const (
	labelCluster = "guestcluster.harvesterhci.io/name"
	labelPool    = "nodepool.harvesterhci.io/name"
	labelSet     = "harvesterhci.io/machineSetName"
)

// node is a machine of the node driver's, which is a node of the guest cluster blue.
type node struct{ life }

// TestNode goes through the life of a node: Rancher's node driver makes it, a cloud provider and a CSI driver look after
// it, and the driver removes it, with the disks that it has made.
func TestNode(t *testing.T) {
	n := node{begin(t, open(t, "clients-node"), "blue-pool1-x7k2p")}
	live(t,
		step{"Check", n.check},
		step{"Create", n.create},
		step{"State", func(t *testing.T) { n.is(t, "Running") }},
		step{"Guest", n.guestCluster},
		step{"Restart", n.restart},
		step{"Action", n.restartByAction},
		step{"Stop", n.stop},
		step{"Lost", func(t *testing.T) { n.guest(t).lost(t) }},
		step{"Start", n.start},
		step{"Remove", n.remove},
	)
}

// check is what the driver looks at before it makes anything.
func (n node) check(t *testing.T) {
	version, err := n.harvester.HarvesterhciV1beta1().Settings().Get(t.Context(), settings.ServerVersionSettingName, metav1.GetOptions{})
	if err != nil || version.Value == "" || strings.HasPrefix(version.Value, "v0.1.0") {
		t.Errorf("the server's version: %+v, %v", version, err)
	}
	if _, err := n.machine(t.Context()); !apierrors.IsNotFound(err) {
		t.Errorf("there is no machine of the name: %v", err)
	}
	key, err := n.harvester.HarvesterhciV1beta1().KeyPairs(n.namespace).Get(t.Context(), "mine", metav1.GetOptions{})
	if err != nil || !harvesterv1.KeyPairValidated.IsTrue(key) || key.Spec.PublicKey == "" {
		t.Errorf("the key is validated: %+v, %v", key, err)
	}
	image, err := n.harvester.HarvesterhciV1beta1().VirtualMachineImages(n.namespace).Get(t.Context(), "tiny", metav1.GetOptions{})
	if err != nil || image.Status.StorageClassName == "" {
		t.Errorf("the image has a class: %+v, %v", image, err)
	}
	if _, err := n.kube.StorageV1().StorageClasses().Get(t.Context(), n.class(t), metav1.GetOptions{}); err != nil {
		t.Errorf("the class of the other disk: %v", err)
	}
	if _, err := n.harvester.K8sCniCncfIoV1().NetworkAttachmentDefinitions(n.namespace).Get(t.Context(), lan, metav1.GetOptions{}); err != nil {
		t.Errorf("the network: %v", err)
	}
}

// wanted is the node's machine: a disk of the image, a blank one, one card, user data in a secret of the machine's own.
func (n node) wanted(t *testing.T) *kubevirtv1.VirtualMachine {
	t.Helper()
	disk := func(image, class string) *builder.PersistentVolumeClaimOption {
		return &builder.PersistentVolumeClaimOption{
			ImageID: image, VolumeMode: corev1.PersistentVolumeBlock, AccessMode: corev1.ReadWriteMany, StorageClassName: &class,
		}
	}
	vm, err := builder.NewVMBuilder(nodeDriver).Namespace(n.namespace).Name(n.name).CPU(1).Memory("256Mi").
		CloudInitDisk(builder.CloudInitDiskName, builder.DiskBusVirtio, false, 0, builder.CloudInitSource{
			CloudInitType: builder.CloudInitTypeNoCloud, UserDataSecretName: n.name + "-cloudinit", NetworkDataSecretName: n.name + "-cloudinit",
		}).
		EvictionStrategy(true).RunStrategy(kubevirtv1.RunStrategyRerunOnFailure).
		Labels(map[string]string{labelSet: n.namespace + "-blue-pool1", labelCluster: "blue", labelPool: "pool1"}).
		SSHKey(n.namespace+"/mine").
		NetworkInterface("nic-0", "virtio", "", builder.NetworkInterfaceTypeBridge, n.namespace+"/"+lan).
		PVCDisk("disk-0", builder.DiskBusVirtio, false, false, 1, "1Gi", "", disk(n.namespace+"/tiny", n.image.Status.StorageClassName)).
		PVCDisk("disk-1", builder.DiskBusVirtio, false, false, 0, "1Gi", "", disk("", n.class(t))).VM()
	if err != nil {
		t.Fatal(err)
	}
	vm.Kind, vm.APIVersion = kubevirtv1.VirtualMachineGroupVersionKind.Kind, kubevirtv1.GroupVersion.String()
	vm.Spec.Template.Spec.Domain.CPU.DedicatedCPUPlacement, vm.Spec.Template.Spec.Domain.CPU.IsolateEmulatorThread = false, false
	return vm
}

// create makes the machine, and then the secret that belongs to it, which the machine waits for.
func (n node) create(t *testing.T) {
	machines := n.harvester.KubevirtV1().VirtualMachines(n.namespace)
	made, err := machines.Create(t.Context(), n.wanted(t), metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	secret := &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Name: n.name + "-cloudinit", Namespace: n.namespace, OwnerReferences: []metav1.OwnerReference{{
			APIVersion: kubevirtv1.GroupVersion.String(), Kind: "VirtualMachine", Name: made.Name, UID: made.UID,
		}}},
		StringData: map[string]string{"userdata": "#cloud-config\nhostname: " + n.name + "\n", "networkdata": ""},
	}
	if _, err := n.kube.CoreV1().Secrets(n.namespace).Create(t.Context(), secret, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	n.runs(t, "")
	if _, err := machines.Create(t.Context(), n.wanted(t), metav1.CreateOptions{}); !apierrors.IsAlreadyExists(err) {
		t.Errorf("a machine that is there is not made twice: %v", err)
	}
}

// state is what Rancher is told of the machine.
func (n node) state(t *testing.T) (string, error) {
	t.Helper()
	if _, err := n.machine(t.Context()); err != nil {
		return "None", err
	}
	vmi, err := n.instance(t.Context())
	if apierrors.IsNotFound(err) {
		return "Stopped", nil
	}
	if err != nil {
		return "None", err
	}
	switch vmi.Status.Phase {
	case kubevirtv1.Pending, kubevirtv1.Scheduling, kubevirtv1.Scheduled:
		return "Starting", nil
	case kubevirtv1.Running:
		return "Running", nil
	case kubevirtv1.Succeeded:
		return "Stopping", nil
	default:
		return string(vmi.Status.Phase), nil
	}
}

// is waits for a state, as the driver does after each command.
func (n node) is(t *testing.T, want string) {
	t.Helper()
	eventually(t, want, func() error {
		got, err := n.state(t)
		if err == nil && got != want {
			err = fmt.Errorf("it is %s", got)
		}
		return err
	})
}

func (n node) restart(t *testing.T) {
	_, before := n.now(t)
	n.put(t, "restart", nil)
	n.runs(t, before.UID)
}

// restartByAction is what Rancher's page does, and a script of /v1/harvester.
func (n node) restartByAction(t *testing.T) {
	_, before := n.now(t)
	n.raw(t, http.MethodPost, "kubevirt.io.virtualmachines/"+n.namespace+"/"+n.name+"?action=restart", struct{}{})
	n.runs(t, before.UID)
}

// stop stops the machine, which then has no instance. To stop it again is a conflict. A volume of the guest cluster's is
// plugged in.
func (n node) stop(t *testing.T) {
	guest := n.guest(t)
	guest.create(t, "pvc-lost", "", "32Mi")
	guest.attach(t, "pvc-lost")
	n.put(t, "stop", nil)
	n.is(t, "Stopped")
	if err := n.tryPut(t, "virtualmachines", "stop", nil); !apierrors.IsConflict(err) {
		t.Errorf("what is stopped is not stopped again: %v", err)
	}
}

func (n node) start(t *testing.T) {
	n.put(t, "start", nil)
	n.is(t, "Running")
	n.runs(t, "")
}

// remove names the disks that the driver has made, not those that were plugged in, deletes the machine and waits. When the
// whole guest cluster goes, what was plugged in is named, too: here it is for one of two volumes.
func (n node) remove(t *testing.T) {
	guest := n.guest(t)
	for _, name := range []string{"pvc-left", "pvc-named"} {
		guest.create(t, name, "", "32Mi")
		guest.attach(t, name)
	}
	var removed []string
	n.edit(t, func(vm *kubevirtv1.VirtualMachine) {
		removed = []string{"pvc-named"}
		for _, volume := range vm.Spec.Template.Spec.Volumes {
			if claim := volume.PersistentVolumeClaim; claim != nil && !claim.Hotpluggable {
				removed = append(removed, claim.ClaimName)
			}
		}
		vm.Annotations[util.RemovedPVCsAnnotationKey] = strings.Join(removed, ",")
	})
	if len(removed) != 3 {
		t.Fatalf("the machine has two disks of its own: %v", removed)
	}
	n.end(t)
	for _, name := range removed {
		n.claimGone(t, name)
	}
	if !n.hasClaim(t, "pvc-left") {
		t.Error("what the CSI driver has plugged in is the guest cluster's, and stays")
	}
	gone(t, "the secret with the user data", func() error {
		_, err := n.kube.CoreV1().Secrets(n.namespace).Get(t.Context(), n.name+"-cloudinit", metav1.GetOptions{})
		return err
	})
	if _, err := n.state(t); !apierrors.IsNotFound(err) {
		t.Errorf("a machine that is gone has no state: %v", err)
	}
}
