package choose

import (
	"context"
	"fmt"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/types"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/handler"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/phase"
)

type (
	template = harvesterv1.VirtualMachineTemplate
	version  = harvesterv1.VirtualMachineTemplateVersion
)

// Controller looks at templates.
type Controller struct {
	// Client reads and writes as the controller.
	Client client.Client
	// Live reads what is there now.
	Live client.Reader
	// Now is the clock.
	Now func() time.Time
}

// ReasonVersionNotFound says that the default version has no number, or does not exist; the template goes on when it has.
const ReasonVersionNotFound = "VersionNotFound"

// New is a controller with the real clock.
func New(manager ctrl.Manager) *Controller {
	return &Controller{Client: manager.GetClient(), Live: manager.GetAPIReader(), Now: time.Now}
}

// SetUp adds the controller to the manager. A template is looked at again when one of its versions changes.
func (c *Controller) SetUp(manager ctrl.Manager) error {
	return ctrl.NewControllerManagedBy(manager).Named("template-choose").
		For(&template{}).
		Watches(&version{}, handler.EnqueueRequestsFromMapFunc(templateOf)).
		Complete(c)
}

func templateOf(_ context.Context, of client.Object) []ctrl.Request {
	namespace, name, _ := strings.Cut(of.(*version).Spec.TemplateID, "/")
	return []ctrl.Request{{NamespacedName: types.NamespacedName{Namespace: namespace, Name: name}}}
}

// Reconcile looks at one template.
func (c *Controller) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	object := &template{}
	if err := c.Client.Get(ctx, request.NamespacedName, object); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	versions := &harvesterv1.VirtualMachineTemplateVersionList{}
	if err := c.Client.List(ctx, versions, client.InNamespace(object.Namespace)); err != nil {
		return ctrl.Result{}, fmt.Errorf("list versions: %w", err)
	}
	if err := c.first(ctx, object, versions.Items); err != nil {
		return phase.Result(err)
	}
	before := object.DeepCopy()
	object.Status.DefaultVersion = numberOf(object.Spec.DefaultVersionID, versions.Items)
	object.Status.ObservedGeneration = object.Generation
	health := phase.Health(unlessNumbered(object))
	object.Status.Conditions = harvesterv1.SetConditions(object.Status.Conditions, health, c.Now())
	return phase.Result(phase.PatchStatus(ctx, c.Client, before, object))
}

// unlessNumbered waits for the default version that a template names. One that names none has nothing to wait for.
func unlessNumbered(object *template) error {
	if object.Spec.DefaultVersionID == "" || object.Status.DefaultVersion != 0 {
		return nil
	}
	return phase.Wait(ReasonVersionNotFound, 0, "Version %s does not exist, or has no number yet.", object.Spec.DefaultVersionID)
}

// first makes the first version the default of a template that has none. It must be there still: a default that is gone
// stays until a person chooses another.
func (c *Controller) first(ctx context.Context, object *template, versions []version) error {
	if object.Spec.DefaultVersionID != "" {
		return nil
	}
	chosen := firstOf(object, versions)
	if chosen == nil {
		return nil
	}
	now := &version{}
	err := c.Live.Get(ctx, client.ObjectKeyFromObject(chosen), now)
	if client.IgnoreNotFound(err) != nil {
		return fmt.Errorf("read version %s as it is now: %w", chosen.Name, err)
	}
	if err != nil || now.UID != chosen.UID || now.DeletionTimestamp != nil {
		return nil // its news will come
	}
	before := object.DeepCopy()
	object.Spec.DefaultVersionID = chosen.Namespace + "/" + chosen.Name
	if err := c.Client.Patch(ctx, object, client.MergeFromWithOptions(before, client.MergeFromWithOptimisticLock{})); err != nil {
		return fmt.Errorf("choose the default of template %s: %w", object.Name, err)
	}
	return nil
}

// firstOf is the version of a template with the lowest number, nil when none has a number.
func firstOf(of *template, versions []version) (first *version) {
	id := of.Namespace + "/" + of.Name
	for i := range versions {
		v := &versions[i]
		if v.Spec.TemplateID != id || v.Status.Version == 0 || v.DeletionTimestamp != nil || v.LeftBy(of) {
			continue
		}
		if first == nil || v.Status.Version < first.Status.Version {
			first = v
		}
	}
	return first
}

// numberOf is the number of a version, 0 when there is no such version.
func numberOf(id string, versions []version) int {
	for i := range versions {
		if versions[i].Namespace+"/"+versions[i].Name == id {
			return versions[i].Status.Version
		}
	}
	return 0
}
