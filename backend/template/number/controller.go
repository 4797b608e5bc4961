package number

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"k8s.io/apimachinery/pkg/api/equality"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/handler"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/phase"
)

// Reasons of the conditions assigned and ready.
const (
	// ReasonAssigned says that the version has a number.
	ReasonAssigned = "Assigned"
	// ReasonTemplateNotFound says that there is no such template; the version goes on when it appears.
	ReasonTemplateNotFound = "TemplateNotFound"
	// ReasonReady says that machines can be made.
	ReasonReady = "Ready"
	// ReasonImageNotFound says that an image does not exist; the version goes on when it appears.
	ReasonImageNotFound = "ImageNotFound"
	// ReasonImageNotReady says that the bytes of an image are not there yet.
	ReasonImageNotReady = "ImageNotReady"
)

// Controller looks at versions of templates.
type Controller struct {
	// Client reads and writes as the controller. What it reads may be older than what was written.
	Client client.Client
	// Live reads what is there now.
	Live client.Reader
	// Now is the clock.
	Now func() time.Time
}

// New is a controller with the real clock.
func New(manager ctrl.Manager) *Controller {
	return &Controller{Client: manager.GetClient(), Live: manager.GetAPIReader(), Now: time.Now}
}

// SetUp adds the controller to the manager. A version is looked at again when its template or one of its images changes.
func (c *Controller) SetUp(manager ctrl.Manager) error {
	return ctrl.NewControllerManagedBy(manager).Named("template-number").
		For(&harvesterv1.VirtualMachineTemplateVersion{}).
		Watches(&harvesterv1.VirtualMachineTemplate{}, handler.EnqueueRequestsFromMapFunc(c.ofTemplate)).
		Watches(&harvesterv1.VirtualMachineImage{}, handler.EnqueueRequestsFromMapFunc(c.ofImage)).
		Complete(c)
}

// subject is a version with what was found of it.
type subject struct {
	*harvesterv1.VirtualMachineTemplateVersion

	template *harvesterv1.VirtualMachineTemplate
}

// Reconcile looks at one version.
func (c *Controller) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	version := &harvesterv1.VirtualMachineTemplateVersion{}
	if err := c.Client.Get(ctx, request.NamespacedName, version); err != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	if version.DeletionTimestamp != nil {
		return ctrl.Result{}, nil
	}
	before := version.DeepCopy()
	err := phase.Run(ctx, &subject{VirtualMachineTemplateVersion: version},
		c.find,
		c.own,
		c.assign,
		c.judge,
	)
	before.ObjectMeta = version.ObjectMeta
	c.describe(version, err)
	return phase.Result(errors.Join(err, phase.PatchStatus(ctx, c.Client, before, version)))
}

// find reads the template: as it is now, when the version is not tied to it yet. One that is remembered may be gone, and
// another of its name be meant; with an owner that is gone the version would be collected.
func (c *Controller) find(ctx context.Context, s *subject) error {
	template := &harvesterv1.VirtualMachineTemplate{}
	key, ok := keyOf(s.Spec.TemplateID)
	err := c.Client.Get(ctx, key, template)
	if err == nil && !owned(s.VirtualMachineTemplateVersion, tied(s.VirtualMachineTemplateVersion, template)) {
		template = &harvesterv1.VirtualMachineTemplate{}
		err = c.Live.Get(ctx, key, template)
	}
	if !ok || client.IgnoreNotFound(err) == nil && err != nil {
		message := fmt.Sprintf("Template %s does not exist.", s.Spec.TemplateID)
		c.say(s, harvesterv1.TemplateVersionAssigned, metav1.ConditionFalse, ReasonTemplateNotFound, message)
		return phase.Wait(ReasonTemplateNotFound, 0, "%s", message)
	}
	if err != nil {
		return fmt.Errorf("read template %s: %w", s.Spec.TemplateID, err)
	}
	if s.LeftBy(template) {
		message := fmt.Sprintf("The template that numbered the version is gone; %s is another of its name.", s.Spec.TemplateID)
		c.say(s, harvesterv1.TemplateVersionAssigned, metav1.ConditionFalse, ReasonTemplateNotFound, message)
		return phase.Wait(ReasonTemplateNotFound, 0, "%s", message)
	}
	s.template = template
	return nil
}

// longestLabel is how long a label's value may be. A template with a longer name is found by spec.templateId alone.
const longestLabel = 63

// own has the version go with its template, and be found by it.
func (c *Controller) own(ctx context.Context, s *subject) error {
	changed := tied(s.VirtualMachineTemplateVersion, s.template)
	if owned(s.VirtualMachineTemplateVersion, changed) {
		return nil
	}
	patch := client.MergeFromWithOptions(s.VirtualMachineTemplateVersion, client.MergeFromWithOptimisticLock{})
	if err := c.Client.Patch(ctx, changed, patch); err != nil {
		return fmt.Errorf("tie version %s/%s to its template: %w", s.Namespace, s.Name, err)
	}
	s.ObjectMeta = changed.ObjectMeta
	return nil
}

// tied is a version as it is when it goes with a template.
func tied(version *harvesterv1.VirtualMachineTemplateVersion, to *harvesterv1.VirtualMachineTemplate) *harvesterv1.VirtualMachineTemplateVersion {
	changed := version.DeepCopy()
	if to.Namespace == version.Namespace {
		group, kind := harvesterv1.TemplateKind.ToAPIVersionAndKind()
		others := slices.DeleteFunc(changed.OwnerReferences, func(owner metav1.OwnerReference) bool {
			return owner.APIVersion == group && owner.Kind == kind // such as one of its name that is gone
		})
		changed.OwnerReferences = append(others, metav1.OwnerReference{APIVersion: group, Kind: kind, Name: to.Name, UID: to.UID})
	}
	if len(to.Name) <= longestLabel {
		metav1.SetMetaDataLabel(&changed.ObjectMeta, harvesterv1.LabelTemplate, to.Name)
	}
	return changed
}

// owned says whether a version is tied to its template already.
func owned(version, wanted *harvesterv1.VirtualMachineTemplateVersion) bool {
	return equality.Semantic.DeepEqual(version.OwnerReferences, wanted.OwnerReferences) &&
		version.Labels[harvesterv1.LabelTemplate] == wanted.Labels[harvesterv1.LabelTemplate]
}

// assign takes the next number of the template. A version that is remembered without a number may have been given one a
// moment ago; whether it has is asked of the API server, so that no number is taken in vain.
func (c *Controller) assign(ctx context.Context, s *subject) error {
	before, latest := s.template.DeepCopy(), &s.template.Status.LatestVersion
	*latest = max(*latest, s.Status.Version) // one that was left by another template brings its number with it
	if s.Status.Version == 0 {
		if err := c.unnumbered(ctx, s); err != nil {
			return err
		}
		taken, err := c.taken(ctx, s.template)
		if err != nil {
			return err
		}
		*latest = max(*latest, taken) + 1
	}
	if err := phase.PatchStatus(ctx, c.Client, before, s.template); err != nil {
		return err
	}
	if s.Status.Version == 0 {
		s.Status.Version = *latest
	}
	c.say(s, harvesterv1.TemplateVersionAssigned, metav1.ConditionTrue, ReasonAssigned, "")
	return nil
}

// taken is the highest number of the versions that the template takes in. Those that somebody has left to themselves by
// deleting a template without them have their numbers before the first version of the next one of its name has.
func (c *Controller) taken(ctx context.Context, template *harvesterv1.VirtualMachineTemplate) (int, error) {
	versions := &harvesterv1.VirtualMachineTemplateVersionList{}
	if err := c.Live.List(ctx, versions); err != nil {
		return 0, fmt.Errorf("read versions of template %s/%s: %w", template.Namespace, template.Name, err)
	}
	taken := 0
	for i := range versions.Items {
		version := &versions.Items[i]
		if version.Spec.TemplateID == template.Namespace+"/"+template.Name && !version.LeftBy(template) {
			taken = max(taken, version.Status.Version)
		}
	}
	return taken, nil
}

// unnumbered stops when the version has a number that was not heard of yet. Its news will come.
func (c *Controller) unnumbered(ctx context.Context, s *subject) error {
	now := &harvesterv1.VirtualMachineTemplateVersion{}
	if err := c.Live.Get(ctx, client.ObjectKeyFromObject(s), now); err != nil {
		return fmt.Errorf("read version %s/%s: %w", s.Namespace, s.Name, err)
	}
	if now.Status.Version != 0 {
		return phase.Wait(ReasonAssigned, 0, "Version %s/%s has number %d already.", s.Namespace, s.Name, now.Status.Version)
	}
	return nil
}

// unready says that an image is not there yet, and what is in its way.
func unready(id, hindrance string) string {
	if hindrance == "" {
		return fmt.Sprintf("The bytes of image %s are not there yet.", id)
	}
	return fmt.Sprintf("The bytes of image %s are not there yet: %s.", id, strings.TrimSuffix(hindrance, "."))
}

// judge says whether machines can be made of the version.
func (c *Controller) judge(ctx context.Context, s *subject) error {
	for _, id := range s.Images() {
		image := &harvesterv1.VirtualMachineImage{}
		key, ok := keyOf(id)
		err := c.Client.Get(ctx, key, image)
		switch {
		case !ok || err != nil && client.IgnoreNotFound(err) == nil:
			return c.wait(s, ReasonImageNotFound, fmt.Sprintf("Image %s does not exist.", id))
		case err != nil:
			return fmt.Errorf("read image %s: %w", id, err)
		case !image.Ready():
			return c.wait(s, ReasonImageNotReady, unready(id, image.Hindrance()))
		}
	}
	c.say(s, harvesterv1.TemplateVersionReady, metav1.ConditionTrue, ReasonReady, "")
	return nil
}
