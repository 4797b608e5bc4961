package clients

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"testing"

	harvesterv1 "github.com/harvester/harvester/pkg/apis/harvesterhci.io/v1beta1"
	"github.com/harvester/harvester/pkg/builder"
	networkv1 "github.com/k8snetworkplumbingwg/network-attachment-definition-client/pkg/apis/k8s.cni.cncf.io/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	kubevirtv1 "kubevirt.io/api/core/v1"
)

// lan is the network that machines are in.
const lan = "lan"

// life is a machine from its making to its end, as one client sees it.
type life struct {
	*site
	name  string
	image *harvesterv1.VirtualMachineImage
}

// step is a part of a life.
type step struct {
	name string
	run  func(*testing.T)
}

// live goes through a life until a step fails: what follows needs it.
func live(t *testing.T, steps ...step) {
	t.Helper()
	for _, s := range steps {
		if !t.Run(s.name, s.run) {
			return
		}
	}
}

// begin makes what a machine needs before it is made: a key, a network and an image.
func begin(t *testing.T, s *site, name string) life {
	t.Helper()
	line, _ := publicKey(t)
	s.makeKey(t, "mine", line)
	s.makeNetwork(t)
	return life{site: s, name: name, image: s.makeImage(t, s.imageAt("tiny", tiny))}
}

// makeNetwork makes a network of a VLAN as the Terraform provider does.
func (s *site) makeNetwork(t *testing.T) {
	t.Helper()
	attachment := &networkv1.NetworkAttachmentDefinition{
		ObjectMeta: metav1.ObjectMeta{
			Name: lan, Namespace: s.namespace,
			Labels: map[string]string{
				builder.LabelKeyNetworkType: builder.NetworkTypeVLAN, "network.harvesterhci.io/clusternetwork": "mgmt", "network.harvesterhci.io/vlan-id": "7",
			},
			Annotations: map[string]string{"network.harvesterhci.io/route": `{"mode":"auto","serverIPAddr":"","cidr":"","gateway":""}`},
		},
		Spec: networkv1.NetworkAttachmentDefinitionSpec{Config: fmt.Sprintf(builder.NetworkVLANConfigTemplate, lan, "mgmt", 7)},
	}
	attachments := s.harvester.K8sCniCncfIoV1().NetworkAttachmentDefinitions(s.namespace)
	if _, err := attachments.Create(t.Context(), attachment, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	found, err := attachments.Get(t.Context(), lan, metav1.GetOptions{})
	if err != nil || found.Spec.Config != attachment.Spec.Config || found.Labels[builder.LabelKeyNetworkType] != builder.NetworkTypeVLAN {
		t.Fatalf("the network is as it was made: %+v, %v", found, err)
	}
}

func (l life) machine(ctx context.Context) (*kubevirtv1.VirtualMachine, error) {
	return l.harvester.KubevirtV1().VirtualMachines(l.namespace).Get(ctx, l.name, metav1.GetOptions{})
}

func (l life) instance(ctx context.Context) (*kubevirtv1.VirtualMachineInstance, error) {
	return l.harvester.KubevirtV1().VirtualMachineInstances(l.namespace).Get(ctx, l.name, metav1.GetOptions{})
}

// now is the machine and its instance, which are there.
func (l life) now(t *testing.T) (*kubevirtv1.VirtualMachine, *kubevirtv1.VirtualMachineInstance) {
	t.Helper()
	vm, err := l.machine(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	vmi, err := l.instance(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return vm, vmi
}

// edit changes the machine.
func (l life) edit(t *testing.T, change func(*kubevirtv1.VirtualMachine)) {
	t.Helper()
	machines := l.harvester.KubevirtV1().VirtualMachines(l.namespace)
	if err := changed(t.Context(), machines.Get, machines.Update, l.name, change); err != nil {
		t.Fatal(err)
	}
}

// put calls a subresource of the machine, with no body unless there are options.
func (l life) put(t *testing.T, verb string, options any) {
	t.Helper()
	eventually(t, verb, func() error {
		err := l.tryPut(t, "virtualmachines", verb, options)
		if err != nil && !apierrors.IsConflict(err) && !apierrors.IsServiceUnavailable(err) {
			return fmt.Errorf("%w: %w", errEnd, err)
		}
		return err
	})
}

// tryPut calls a subresource once.
func (l life) tryPut(t *testing.T, resource, verb string, options any) error {
	t.Helper()
	request := l.subresources.Put().Namespace(l.namespace).Resource(resource).Name(l.name).SubResource(verb)
	if options != nil {
		body, err := json.Marshal(options)
		if err != nil {
			t.Fatal(err)
		}
		request = request.Body(body)
	}
	return request.Do(t.Context()).Error()
}

// runs waits until the machine runs, with another instance than before, and has an address.
func (l life) runs(t *testing.T, before types.UID) *kubevirtv1.VirtualMachineInstance {
	t.Helper()
	var found *kubevirtv1.VirtualMachineInstance
	eventually(t, "machine runs", func() (err error) {
		if found, err = l.instance(t.Context()); err != nil {
			return err
		}
		if found.UID == before || found.Status.Phase != kubevirtv1.Running {
			return fmt.Errorf("instance %s is %s", found.UID, found.Status.Phase)
		}
		if len(found.Status.Interfaces) == 0 || !isIPv4(found.Status.Interfaces[0].IP) {
			return fmt.Errorf("no address yet: %+v", found.Status.Interfaces)
		}
		return nil
	})
	return found
}

func isIPv4(text string) bool {
	address := net.ParseIP(text)
	return address != nil && address.To4() != nil && !address.IsLinkLocalUnicast()
}

// end deletes the machine with all that belongs to it, and waits until it is gone.
func (l life) end(t *testing.T) {
	t.Helper()
	foreground := metav1.DeletePropagationForeground
	err := l.harvester.KubevirtV1().VirtualMachines(l.namespace).Delete(t.Context(), l.name, metav1.DeleteOptions{PropagationPolicy: &foreground})
	if err != nil {
		t.Fatal(err)
	}
	gone(t, "machine", func() error {
		_, err := l.machine(t.Context())
		return err
	})
}

// hasClaim says whether a volume is there and stays.
func (s *site) hasClaim(t *testing.T, name string) bool {
	t.Helper()
	claim, err := s.kube.CoreV1().PersistentVolumeClaims(s.namespace).Get(t.Context(), name, metav1.GetOptions{})
	if apierrors.IsNotFound(err) {
		return false
	}
	if err != nil {
		t.Fatal(err)
	}
	return claim.DeletionTimestamp == nil
}

// claimGone waits until a volume is gone.
func (s *site) claimGone(t *testing.T, name string) {
	t.Helper()
	gone(t, "volume "+name, func() error {
		_, err := s.kube.CoreV1().PersistentVolumeClaims(s.namespace).Get(t.Context(), name, metav1.GetOptions{})
		return err
	})
}
