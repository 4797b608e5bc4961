package driver

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/rancher/machine/libmachine/drivers"
	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
	"sigs.k8s.io/controller-runtime/pkg/client"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/kubevirt"
)

// tenant is a namespace with the credential of a guest cluster.
type tenant struct {
	*testing.T
	namespace, kubeconfig string
}

// newTenant makes one with rights that the chart gives, or with fewer.
func newTenant(t *testing.T, rights ...rbacv1.PolicyRule) tenant {
	t.Helper()
	if rights == nil {
		rights = Rights
	}
	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{GenerateName: "tenant-"}}
	made(t, namespace)
	name := metav1.ObjectMeta{Namespace: namespace.Name, Name: "guest"}
	account := &corev1.ServiceAccount{ObjectMeta: name}
	made(t, account)
	made(t, &rbacv1.Role{ObjectMeta: name, Rules: rights})
	made(t, &rbacv1.RoleBinding{
		ObjectMeta: name, RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: "guest"},
		Subjects: []rbacv1.Subject{{Kind: rbacv1.ServiceAccountKind, Namespace: namespace.Name, Name: "guest"}},
	})
	request := &authenticationv1.TokenRequest{}
	if err := world.admin.SubResource("token").Create(t.Context(), account, request); err != nil {
		t.Fatal(err)
	}
	return tenant{t, namespace.Name, kubeconfigOf(t, namespace.Name, request.Status.Token)}
}

func made(t *testing.T, object client.Object) {
	t.Helper()
	if err := world.admin.Create(t.Context(), object); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := world.admin.Delete(context.Background(), object); client.IgnoreNotFound(err) != nil {
			t.Error(err)
		}
	})
}

func kubeconfigOf(t *testing.T, namespace, token string) string {
	t.Helper()
	config := clientcmdapi.NewConfig()
	config.Clusters["site"] = &clientcmdapi.Cluster{Server: world.server, CertificateAuthorityData: world.authority}
	config.AuthInfos["guest"] = &clientcmdapi.AuthInfo{Token: token}
	config.Contexts["site-1"] = &clientcmdapi.Context{Cluster: "site", AuthInfo: "guest", Namespace: namespace}
	config.CurrentContext = "site-1"
	text, err := clientcmd.Write(*config)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// image makes an image that is there.
func (t tenant) image(name string) *harvesterv1.VirtualMachineImage {
	t.Helper()
	image := &harvesterv1.VirtualMachineImage{
		ObjectMeta: metav1.ObjectMeta{Namespace: t.namespace, Name: name},
		Spec:       harvesterv1.VirtualMachineImageSpec{DisplayName: name, SourceType: harvesterv1.ImageSourceDownload, URL: "http://example.org/a.qcow2", Retry: 1},
	}
	made(t.T, image)
	t.arrive(image, 100, metav1.ConditionTrue)
	return image
}

// arrive has an image come so far.
func (t tenant) arrive(image *harvesterv1.VirtualMachineImage, progress int, imported metav1.ConditionStatus) {
	t.Helper()
	image.Status.Progress, image.Status.VirtualSize, image.Status.StorageClassName = progress, 1<<30, "fast"
	image.Status.Conditions = []harvesterv1.Condition{{Type: harvesterv1.ImageImported, Status: imported}}
	if err := world.admin.Status().Update(t.Context(), image); err != nil {
		t.Fatal(err)
	}
}

// driver is the plugin of one machine, as rancher-machine starts it, with flags over the usual ones.
func (t tenant) driver(name string, flags map[string]any) (*Driver, error) {
	t.Helper()
	d := New()
	d.BaseDriver = &drivers.BaseDriver{MachineName: name, StorePath: t.TempDir()}
	err := d.SetConfigFromFlags(t.flags(flags))
	return d, err
}

// options are flags as rancher-machine gives them.
type options map[string]any

func (o options) String(key string) string    { text, _ := o[key].(string); return text }
func (o options) Int(key string) int          { number, _ := o[key].(int); return number }
func (o options) Bool(key string) bool        { is, _ := o[key].(bool); return is }
func (o options) StringSlice(string) []string { return nil }

func (t tenant) flags(over map[string]any) options {
	all := options{}
	for _, flag := range createFlags() {
		all[flag.String()] = flag.Default()
	}
	all["croft-kubeconfig-content"], all["croft-cluster-name"] = t.kubeconfig, "blue"
	all["croft-image-name"], all["croft-disk-size"] = t.namespace+"/debian", "2"
	for key, value := range over {
		all["croft-"+key] = value
	}
	return all
}

// kept is the plugin as rancher-machine starts it for a command after create.
func (t tenant) kept(d *Driver) *Driver {
	t.Helper()
	text, err := json.Marshal(d)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(text), "token") || strings.Contains(string(text), "-----") {
		t.Errorf("rancher-machine keeps a credential: %s", text)
	}
	later := New()
	if err := json.Unmarshal(text, later); err != nil {
		t.Fatal(err)
	}
	later.kubeconfig = func() string { return t.kubeconfig }
	return later
}

// machines are those of the namespace.
func (t tenant) machines() []kubevirt.VirtualMachine {
	t.Helper()
	list := &kubevirt.VirtualMachineList{}
	if err := world.admin.List(context.Background(), list, client.InNamespace(t.namespace)); err != nil {
		t.Fatal(err)
	}
	return list.Items
}

// eventually waits for something to become true.
func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for deadline := time.Now().Add(patience); !is(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%s: not within %v", what, patience)
		}
	}
}

// machine waits for the machine of a name.
func (t tenant) machine(name string) *kubevirt.VirtualMachine {
	t.Helper()
	vm := &kubevirt.VirtualMachine{}
	eventually(t.T, "machine "+name+" comes", func() bool {
		return world.admin.Get(t.Context(), types.NamespacedName{Namespace: t.namespace, Name: name}, vm) == nil
	})
	return vm
}

// run has a machine run, as KubeVirt would.
func (t tenant) run(name, address string) *kubevirt.VirtualMachineInstance {
	t.Helper()
	vm := t.machine(name)
	vmi := &kubevirt.VirtualMachineInstance{ObjectMeta: metav1.ObjectMeta{Namespace: t.namespace, Name: name}}
	vmi.OwnerReferences = []metav1.OwnerReference{*metav1.NewControllerRef(vm, kubevirt.VirtualMachineKind)}
	vmi.Spec = *vm.Spec.Template.Spec.DeepCopy()
	if err := world.kubevirt.Create(t.Context(), vmi); err != nil {
		t.Fatal(err)
	}
	vmi.Status.Phase = kubevirt.PhaseRunning
	vmi.Status.Interfaces = []kubevirt.VirtualMachineInstanceNetworkInterface{{Name: "nic-0", IP: address}}
	if err := world.kubevirt.Update(t.Context(), vmi); err != nil {
		t.Fatal(err)
	}
	return vmi
}

// end removes an instance, as KubeVirt would.
func (t tenant) end(vmi *kubevirt.VirtualMachineInstance) {
	t.Helper()
	vmi.Finalizers = nil
	if err := world.kubevirt.Update(context.Background(), vmi); client.IgnoreNotFound(err) != nil {
		t.Fatal(err)
	}
	if err := world.kubevirt.Delete(context.Background(), vmi); client.IgnoreNotFound(err) != nil {
		t.Fatal(err)
	}
}
