package furnish

import (
	"context"
	"os"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/rest"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/kubevirt"
	"crofthci.io/croft/test/manager"
)

var api *rest.Config

func TestMain(m *testing.M) { os.Exit(manager.Main(m, &api)) }

// TestMachines holds that every template is a machine of KubeVirt's, whose volumes are all there.
func TestMachines(t *testing.T) {
	for _, known := range All {
		t.Run(known.Name, func(t *testing.T) {
			raw, err := known.machine()
			if err != nil {
				t.Fatal(err)
			}
			vm := &kubevirt.VirtualMachine{}
			if err := yaml.UnmarshalStrict(raw, vm); err != nil {
				t.Fatalf("no misspelt field: %v\n%s", err, raw)
			}
			var claims []corev1.PersistentVolumeClaim
			if err := yaml.UnmarshalStrict([]byte(vm.Annotations[harvesterv1.AnnotationVolumeClaimTemplates]), &claims); err != nil {
				t.Fatal(err)
			}
			made := map[string]bool{}
			for _, claim := range claims {
				made[claim.Name] = true
			}
			volumes := map[string]bool{}
			for _, volume := range vm.Spec.Template.Spec.Volumes {
				volumes[volume.Name] = true
				if source := volume.PersistentVolumeClaim; source != nil && !made[source.ClaimName] {
					t.Errorf("nobody makes claim %s", source.ClaimName)
				}
			}
			for _, disk := range vm.Spec.Template.Spec.Domain.Devices.Disks {
				if !volumes[disk.Name] {
					t.Errorf("disk %s has no volume", disk.Name)
				}
			}
		})
	}
}

// TestFurnish makes the templates twice, and leaves a person's alone. A namespace that is not there yet is waited for: the
// site keeps its other controllers.
func TestFurnish(t *testing.T) {
	c := manager.Start(t, api, manager.Options{
		Kinds: runtime.SchemeBuilder{harvesterv1.AddToScheme}, SetUp: func(ctrl.Manager) error { return nil },
	})
	c.Make(&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: Namespace}})
	late := &stubborn{Client: c.Client, refusals: 200}
	furnish := &Templates{Client: late, Pause: wait.Backoff{Duration: time.Microsecond}}
	if err := furnish.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	versions := &harvesterv1.VirtualMachineTemplateVersionList{}
	if err := c.List(t.Context(), versions); err != nil || len(versions.Items) != len(All) {
		t.Fatalf("each template has one version: %d, %v", len(versions.Items), err)
	}
	mine := &harvesterv1.VirtualMachineTemplate{ObjectMeta: metav1.ObjectMeta{Namespace: Namespace, Name: All[0].Name}}
	manager.Until(c, mine, "be there", func(*harvesterv1.VirtualMachineTemplate) bool { return true })
	manager.Change(c, mine, func(t *harvesterv1.VirtualMachineTemplate) {
		t.Spec.Description, t.Spec.DefaultVersionID = "mine", Namespace+"/mine"
	})
	first := versions.Items[0].DeepCopy()
	first.Name = All[0].Version
	if err := c.Delete(context.Background(), first); err != nil {
		t.Fatal(err)
	}
	if err := furnish.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := c.List(t.Context(), versions); err != nil || len(versions.Items) != len(All)-1 {
		t.Errorf("what a person took away stays away: %d, %v", len(versions.Items), err)
	}
	manager.Until(c, mine, "be a person's", func(t *harvesterv1.VirtualMachineTemplate) bool { return t.Spec.Description == "mine" })
}

// stubborn refuses to make anything for a while.
type stubborn struct {
	client.Client
	refusals int
}

// Create makes an object, when enough has been refused.
func (s *stubborn) Create(ctx context.Context, object client.Object, options ...client.CreateOption) error {
	if s.refusals--; s.refusals >= 0 {
		return apierrors.NewNotFound(corev1.Resource("namespaces"), Namespace)
	}
	return s.Client.Create(ctx, object, options...)
}
