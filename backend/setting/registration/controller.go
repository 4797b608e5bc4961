package registration

import (
	"context"
	"fmt"
	"time"

	appsv1 "k8s.io/api/apps/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/backend/setting/obey"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/outside"
	"crofthci.io/croft/pkg/phase"
)

// Reasons of the condition registered.
const (
	// ReasonApplied says that the manifest was applied.
	ReasonApplied = "Applied"
	// ReasonNone says that the site is joined to no Rancher by this setting.
	ReasonNone = "None"
	// ReasonFailed says that the manifest could not be fetched or applied; the message says why. It is tried again.
	ReasonFailed = "Failed"
)

const (
	owner = client.FieldOwner("croft-registration")
	// annotation marks the agent that was applied here: one that somebody else has applied stays.
	annotation = "harvesterhci.io/applied-by"
)

// agent is the deployment that connects a cluster to Rancher.
var agent = client.ObjectKey{Namespace: "cattle-system", Name: "cattle-cluster-agent"}

// Controller joins the site.
type Controller struct {
	// Client reads and writes as the controller.
	Client client.Client
	// Live reads what was applied.
	Live client.Reader
	// Now is the clock.
	Now func() time.Time
}

// New is a controller on the manager's client, with the real clock.
func New(manager ctrl.Manager) *Controller {
	return &Controller{Client: manager.GetClient(), Live: manager.GetAPIReader(), Now: time.Now}
}

// SetUp adds the controller to the manager.
func (c *Controller) SetUp(manager ctrl.Manager) error {
	return obey.Setting(manager, "registration", harvesterv1.SettingRegistration, c.obey)
}

// obey joins the site to the Rancher that the setting names, or to none.
func (c *Controller) obey(ctx context.Context, setting *harvesterv1.Setting) error {
	wanted, invalid := harvesterv1.ParseRegistration(setting.Value)
	if invalid != nil {
		return nil // the setting says so itself
	}
	reason, failed := c.follow(ctx, wanted)
	if err := c.say(ctx, setting, reason, failed); err != nil {
		return err
	}
	return failed
}

// follow joins or leaves, and says the reason that the condition has when that succeeds.
func (c *Controller) follow(ctx context.Context, wanted harvesterv1.Registration) (reason string, err error) {
	if wanted.URL == "" {
		return ReasonNone, c.leave(ctx)
	}
	return ReasonApplied, c.join(ctx, wanted)
}

func (c *Controller) join(ctx context.Context, wanted harvesterv1.Registration) error {
	way, err := outside.Find(ctx, c.Client)
	if err != nil {
		return fmt.Errorf("find the way to the outside: %w", err)
	}
	manifest, err := fetch(ctx, wanted, way)
	if err != nil {
		return fmt.Errorf("fetch the manifest: %w", err)
	}
	for _, object := range manifest {
		if err := c.apply(ctx, object); err != nil {
			return fmt.Errorf("apply %s %s of the manifest: %w", object.GetKind(), object.GetName(), err)
		}
	}
	return nil
}

func (c *Controller) apply(ctx context.Context, object *unstructured.Unstructured) error {
	if object.GetKind() == "Deployment" && client.ObjectKeyFromObject(object) == agent {
		annotations := object.GetAnnotations()
		if annotations == nil {
			annotations = map[string]string{}
		}
		annotations[annotation] = harvesterv1.SettingRegistration
		object.SetAnnotations(annotations)
	}
	return c.Client.Apply(ctx, client.ApplyConfigurationFromUnstructured(object), owner, client.ForceOwnership)
}

// leave removes the agent, if it was applied here.
func (c *Controller) leave(ctx context.Context) error {
	deployment := &appsv1.Deployment{}
	if err := c.Live.Get(ctx, agent, deployment); err != nil {
		if client.IgnoreNotFound(err) != nil {
			return fmt.Errorf("find Rancher's agent: %w", err)
		}
		return nil
	}
	if deployment.Annotations[annotation] != harvesterv1.SettingRegistration {
		return nil
	}
	this := client.Preconditions{UID: &deployment.UID} // not what somebody else applies under its name meanwhile
	err := c.Client.Delete(ctx, deployment, client.PropagationPolicy(metav1.DeletePropagationBackground), this)
	if client.IgnoreNotFound(err) != nil {
		return fmt.Errorf("remove Rancher's agent: %w", err)
	}
	return nil
}

// say writes what came of it.
func (c *Controller) say(ctx context.Context, setting *harvesterv1.Setting, reason string, failed error) error {
	before := setting.DeepCopy()
	registered := harvesterv1.Condition{Type: harvesterv1.SettingRegistered, Status: metav1.ConditionTrue, Reason: reason}
	if reason == ReasonNone {
		registered.Status = metav1.ConditionFalse
	}
	if failed != nil {
		registered.Status, registered.Reason, registered.Message = metav1.ConditionFalse, ReasonFailed, failed.Error()
	}
	setting.Status.Conditions = harvesterv1.SetCondition(setting.Status.Conditions, registered, c.Now())
	return phase.PatchStatus(ctx, c.Client, before, setting)
}
