package admission_test

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/backend/virtualmachine/admission"
	claimlist "crofthci.io/croft/backend/virtualmachine/claim"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/kubevirt"
	"crofthci.io/croft/test/manager"
)

// runOf is a run of a machine, as KubeVirt's controller makes it.
func runOf(vm *kubevirt.VirtualMachine) *kubevirt.VirtualMachineInstance {
	vmi := &kubevirt.VirtualMachineInstance{ObjectMeta: metav1.ObjectMeta{Namespace: vm.Namespace, Name: vm.Name}}
	vmi.OwnerReferences = []metav1.OwnerReference{*metav1.NewControllerRef(vm, kubevirt.VirtualMachineKind)}
	vmi.Spec = *vm.Spec.Template.Spec.DeepCopy()
	return vmi
}

// atOnce does something for each machine at the same time, and answers what became of each.
func atOnce(machines []*kubevirt.VirtualMachine, do func(*kubevirt.VirtualMachine) error) []error {
	results := make([]error, len(machines))
	ready, begin := sync.WaitGroup{}, make(chan struct{})
	ended := sync.WaitGroup{}
	for i, vm := range machines {
		ready.Add(1)
		ended.Go(func() {
			ready.Done()
			<-begin
			results[i] = do(vm)
		})
	}
	ready.Wait()
	close(begin)
	ended.Wait()
	return results
}

// crowd are machines that have nothing but their names of their own.
func crowd(name string, strategy kubevirt.RunStrategy, plug func(*kubevirt.VirtualMachine)) []*kubevirt.VirtualMachine {
	var machines []*kubevirt.VirtualMachine
	for i := range 8 {
		vm := machine(fmt.Sprintf("%s-%d", name, i), "")
		vm.Spec.RunStrategy = &strategy
		plug(vm)
		machines = append(machines, vm)
	}
	return machines
}

// plugged plugs a claim into a machine as its only disk.
func plugged(name string, shared bool) func(*kubevirt.VirtualMachine) {
	return func(vm *kubevirt.VirtualMachine) {
		vm.Spec.Template.Spec = machine("", "", name).Spec.Template.Spec
		vm.Spec.Template.Spec.Domain.Devices.Disks[0].Shareable = ptr.To(shared)
	}
}

func carded(address string) func(*kubevirt.VirtualMachine) {
	return func(vm *kubevirt.VirtualMachine) { onNetwork(vm, "lan", address) }
}

// TestRunsBeside starts machines at once that were all let in, as in a moment in which no webhook could know of the others.
func TestRunsBeside(t *testing.T) {
	hooks := manager.NewWebhooks(t)
	c := manager.Start(t, api, manager.Options{
		Kinds: runtime.SchemeBuilder{harvesterv1.AddToScheme, kubevirt.AddToScheme}, SetUp: admission.Webhooks{}.SetUp, Webhook: hooks.Server,
	})
	hooks.Call(c, admission.InstancePath)
	cases := map[string]struct {
		reason string
		name   string
		claim  string
		plug   func(*kubevirt.VirtualMachine)
		runs   int
		says   string
	}{
		"Volume":  {"two that write to one volume spoil it", "volume", "single", plugged("single", false), 1, "volume single is used by default/volume-"},
		"Shared":  {"those that mean to share one do", "shared", "common", plugged("common", true), 8, ""},
		"Address": {"of two with one address neither is reached", "address", "", carded("02:00:00:00:01:01"), 1, "has the hardware address 02:00:00:00:01:01 on network default/lan"},
		"Nothing": {"those that have nothing in common are in nobody's way", "nothing", "", func(*kubevirt.VirtualMachine) {}, 8, ""},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			c := c.For(t)
			if tc.claim != "" {
				claim(c, tc.claim, nil)
			}
			machines := crowd(tc.name, kubevirt.RunStrategyAlways, tc.plug)
			for _, vm := range machines {
				c.Make(vm)
			}
			running := 0
			for _, err := range atOnce(machines, func(vm *kubevirt.VirtualMachine) error { return run(c, vm) }) {
				if err == nil {
					running++
					continue
				}
				requireCode(t, err, http.StatusConflict, "", tc.says, tc.reason)
			}
			if running != tc.runs {
				t.Errorf("%s: want %d to run, got %d", tc.reason, tc.runs, running)
			}
			if tc.claim == "" || tc.runs > 1 {
				return
			}
			present := &corev1.PersistentVolumeClaim{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: tc.claim}}
			manager.Until(c, present, "list who runs with it", func(p *corev1.PersistentVolumeClaim) bool { return len(claimlist.Machines(p)) == 1 })
		})
	}
}

// run has a machine run.
func run(c *manager.Cluster, vm *kubevirt.VirtualMachine) error {
	vmi := runOf(vm)
	err := c.Create(c.T.Context(), vmi)
	if err == nil {
		c.RemoveLater(vmi)
	}
	return err
}

// TestMadeAtOnce makes machines at once with one volume through the webhook of machines, and starts all that it lets in.
func TestMadeAtOnce(t *testing.T) {
	hooks := manager.NewWebhooks(t)
	c := manager.Start(t, api, manager.Options{
		Kinds: runtime.SchemeBuilder{harvesterv1.AddToScheme, kubevirt.AddToScheme}, SetUp: admission.Webhooks{}.SetUp, Webhook: hooks.Server,
	})
	claim(c, "wanted", nil)
	hooks.Call(c, admission.MutatePath, admission.ValidatePath, admission.InstancePath)
	machines := crowd("wants", kubevirt.RunStrategyRerunOnFailure, plugged("wanted", false))
	results := atOnce(machines, func(vm *kubevirt.VirtualMachine) error {
		err := c.Create(t.Context(), vm)
		if err == nil {
			err = run(c, vm)
			c.RemoveLater(vm)
		}
		return err
	})
	var running []string
	for i, err := range results {
		if err == nil {
			running = append(running, machines[i].Name)
		} else {
			requireCode(t, err, http.StatusConflict, "", "volume wanted is used by", "whoever comes second is told so, at once or when it is to run")
		}
	}
	if len(running) != 1 {
		t.Errorf("one machine runs with the volume, got %s", strings.Join(running, ", "))
	}
}

// TestStartedAtOnce starts machines at once that were off, and are all on the lists of the volumes that they have in common:
// by a run strategy, or as somebody asks for a run of one that is started by hand.
func TestStartedAtOnce(t *testing.T) {
	hooks := manager.NewWebhooks(t)
	c := manager.Start(t, api, manager.Options{
		Kinds: runtime.SchemeBuilder{harvesterv1.AddToScheme, kubevirt.AddToScheme}, SetUp: admission.Webhooks{}.SetUp, Webhook: hooks.Server,
	})
	hooks.Call(c, admission.InstancePath)
	strategy := func(strategy kubevirt.RunStrategy) func(*kubevirt.VirtualMachine) error {
		return func(vm *kubevirt.VirtualMachine) error {
			before := vm.DeepCopy()
			vm.Spec.RunStrategy = &strategy
			return c.Patch(t.Context(), vm, client.MergeFrom(before))
		}
	}
	requests := func(requests ...kubevirt.StateChangeRequest) func(*kubevirt.VirtualMachine) error {
		return func(vm *kubevirt.VirtualMachine) error {
			before := vm.DeepCopy()
			vm.Status.StateChangeRequests = requests
			return c.Status().Patch(t.Context(), vm, client.MergeFrom(before))
		}
	}
	cases := map[string]struct {
		reason      string
		name        string
		strategy    kubevirt.RunStrategy
		start, stop func(*kubevirt.VirtualMachine) error
	}{
		"Strategy": {
			"the strategy of each says that it is to run", "halted",
			kubevirt.RunStrategyHalted, strategy(kubevirt.RunStrategyAlways), strategy(kubevirt.RunStrategyHalted),
		},
		"ByHand": {
			"somebody has asked KubeVirt to start each", "manual",
			kubevirt.RunStrategyManual, requests(kubevirt.StateChangeRequest{Action: kubevirt.StartRequest}), requests(),
		},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			c := c.For(t)
			claim(c, tc.name+"-a", nil)
			claim(c, tc.name+"-b", nil)
			machines := crowd(tc.name, tc.strategy, func(vm *kubevirt.VirtualMachine) {
				vm.Spec.Template.Spec = machine("", "", tc.name+"-b", tc.name+"-a").Spec.Template.Spec
			})
			for _, vm := range machines {
				c.Make(vm)
				list(c, vm)
			}
			for len(machines) > 1 { // whoever ran has the volumes, and is off when the others are started
				runs := -1
				for i, err := range atOnce(machines, func(vm *kubevirt.VirtualMachine) error {
					if err := tc.start(vm); err != nil {
						return err
					}
					return run(c, vm)
				}) {
					switch {
					case err != nil:
						requireCode(t, err, http.StatusConflict, "", "is used by default/"+tc.name, tc.reason)
					case runs >= 0:
						t.Fatalf("%s: %s runs beside %s", tc.reason, machines[i].Name, machines[runs].Name)
					default:
						runs = i
					}
				}
				if runs < 0 {
					t.Fatalf("%s: none of %d runs", tc.reason, len(machines))
				}
				for _, vm := range machines {
					if err := tc.stop(vm); err != nil {
						t.Fatal(err)
					}
				}
				machines = slices.Delete(machines, runs, runs+1)
			}
		})
	}
}

// list has the claims of a machine that is off list it, as the controller of claims does.
func list(c *manager.Cluster, vm *kubevirt.VirtualMachine) {
	for _, name := range claimlist.Used(vm) {
		present := &corev1.PersistentVolumeClaim{}
		if err := c.Get(c.T.Context(), types.NamespacedName{Namespace: vm.Namespace, Name: name}, present); err != nil {
			c.T.Fatal(err)
		}
		if _, err := (claimlist.Taker{Client: c.Client, Live: c.Client}).List(c.T.Context(), vm, present); err != nil {
			c.T.Fatal(err)
		}
	}
}

// TestRunsInTurn starts a machine beside others that have its volume and do not run, and plugs a disk into one that does.
func TestRunsInTurn(t *testing.T) {
	hooks := manager.NewWebhooks(t)
	c := manager.Start(t, api, manager.Options{
		Kinds: runtime.SchemeBuilder{harvesterv1.AddToScheme, kubevirt.AddToScheme}, SetUp: admission.Webhooks{}.SetUp, Webhook: hooks.Server,
	})
	claim(c, "turned", nil)
	claim(c, "spare", nil)
	hooks.Call(c, admission.InstancePath)
	machines := crowd("turn", kubevirt.RunStrategyManual, plugged("turned", false))
	for _, vm := range machines[:3] {
		c.Make(vm)
	}
	for _, vm := range machines[:2] {
		vmi := runOf(vm)
		if err := c.Create(t.Context(), vmi); err != nil {
			t.Fatalf("who is alone with a volume now runs: %v", err)
		}
		if err := c.Delete(t.Context(), vmi); err != nil {
			t.Fatal(err)
		}
	}
	manager.Report(c, machines[0], func(vm *kubevirt.VirtualMachine) { vm.Status.Created = true })
	requireCode(t, run(c, machines[2]), http.StatusConflict, "", "volume turned is used by default/turn-0, which runs", "who is on the list and runs keeps others off")

	other := machine("plugs", "", "spare")
	c.Make(other)
	vmi := runOf(other)
	if err := c.Create(t.Context(), vmi); err != nil {
		t.Fatal(err)
	}
	c.RemoveLater(vmi)
	vmi.Spec.Volumes = append(vmi.Spec.Volumes, machines[0].Spec.Template.Spec.Volumes...)
	requireCode(t, c.Update(t.Context(), vmi), http.StatusConflict, "", "volume turned is used by default/turn-0", "nor is the disk plugged into one that runs already")

	present := &corev1.PersistentVolumeClaim{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "spare"}}
	manager.Until(c, present, "exist", func(*corev1.PersistentVolumeClaim) bool { return true })
	if diff := cmp.Diff([]string{"default/plugs"}, claimlist.Machines(present)); diff != "" {
		t.Errorf("whoever runs is on the list of its volumes: -want +got:\n%s", diff)
	}
}
