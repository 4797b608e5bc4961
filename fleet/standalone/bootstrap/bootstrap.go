// Package bootstrap puts into a bare API server what Rancher finds or makes at
// its first start: the definitions of its kinds, namespaces, settings, features,
// roles and the few rights that everybody has. What is there already stays as it
// is; what people changed is not changed back. Begin reading at Run.
package bootstrap

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	corev1 "k8s.io/api/core/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/pkg/rancher"
	"crofthci.io/croft/pkg/rancher/management"
)

// fieldOwner is who applies what this package applies.
const fieldOwner = client.FieldOwner("croft-fleet-standalone")

const (
	establishTime = time.Minute
	establishPoll = 100 * time.Millisecond
)

// Definitions applies the definitions of Rancher's kinds and waits until the API
// server serves them.
func Definitions(ctx context.Context, c client.Client) error {
	definitions, err := rancher.CRDs()
	if err != nil {
		return err
	}

	ofPage, err := pageDefinitions()
	if err != nil {
		return err
	}

	definitions = append(definitions, ofPage...)

	for _, definition := range definitions {
		definition.SetGroupVersionKind(apiextensionsv1.SchemeGroupVersion.WithKind("CustomResourceDefinition"))

		if err := apply(ctx, c, definition); err != nil {
			return fmt.Errorf("apply definition %s: %w", definition.Name, err)
		}
	}

	for _, definition := range definitions {
		if err := established(ctx, c, definition.Name); err != nil {
			return err
		}
	}

	return nil
}

func apply(ctx context.Context, c client.Client, object client.Object) error {
	content, err := json.Marshal(object)
	if err != nil {
		return err
	}

	return c.Patch(ctx, object.DeepCopyObject().(client.Object), client.RawPatch("application/apply-patch+yaml", content), //nolint:forcetypeassert // a copy has the same type.
		fieldOwner, client.ForceOwnership)
}

func established(ctx context.Context, c client.Client, name string) error {
	err := wait.PollUntilContextTimeout(ctx, establishPoll, establishTime, true, func(ctx context.Context) (bool, error) {
		have := &apiextensionsv1.CustomResourceDefinition{}
		if err := c.Get(ctx, client.ObjectKey{Name: name}, have); err != nil {
			return false, err
		}

		for _, condition := range have.Status.Conditions {
			if condition.Type == apiextensionsv1.Established && condition.Status == apiextensionsv1.ConditionTrue {
				return true, nil
			}
		}

		return false, nil
	})
	if err != nil {
		return fmt.Errorf("definition %s is not served: %w", name, err)
	}

	return nil
}

// Options say what differs from hub to hub.
type Options struct {
	// ServerURL is how everybody reaches this server.
	ServerURL string
	// AuthorityPEM is this server's authority.
	AuthorityPEM []byte
	// Version is the version of Rancher that this server answers as.
	Version string
}

// Namespaces makes the namespaces that Rancher has.
func Namespaces(ctx context.Context, c client.Client) error {
	for _, name := range namespaces {
		if err := create(ctx, c, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: name}}); err != nil {
			return fmt.Errorf("namespace %s: %w", name, err)
		}
	}

	return nil
}

// Run makes settings, features, roles and rights.
func Run(ctx context.Context, c client.Client, o Options) error {
	for _, setting := range settings(o) {
		if err := ensureSetting(ctx, c, setting); err != nil {
			return fmt.Errorf("setting %s: %w", setting.Name, err)
		}
	}

	for _, feature := range features() {
		if err := ensureFeature(ctx, c, feature); err != nil {
			return fmt.Errorf("feature %s: %w", feature.Name, err)
		}
	}

	for _, role := range globalRoles() {
		if err := create(ctx, c, role); err != nil {
			return fmt.Errorf("global role %s: %w", role.Name, err)
		}
	}

	for _, template := range RoleTemplates() {
		if err := create(ctx, c, template); err != nil {
			return fmt.Errorf("role template %s: %w", template.Name, err)
		}
	}

	for _, object := range commonRights() {
		if err := apply(ctx, c, object); err != nil {
			return fmt.Errorf("right %s: %w", object.GetName(), err)
		}
	}

	return create(ctx, c, &management.Cluster{
		ObjectMeta: metav1.ObjectMeta{Name: management.LocalCluster},
		Spec:       management.ClusterSpec{DisplayName: management.LocalCluster, Internal: true, FleetWorkspaceName: "fleet-local"},
	})
}

func create(ctx context.Context, c client.Client, object client.Object) error {
	err := c.Create(ctx, object)
	if apierrors.IsAlreadyExists(err) {
		return nil
	}

	return err
}

// ensureSetting makes a setting, or corrects the default of one that is there.
func ensureSetting(ctx context.Context, c client.Client, want *management.Setting) error {
	have := &management.Setting{}

	err := c.Get(ctx, client.ObjectKeyFromObject(want), have)
	if apierrors.IsNotFound(err) {
		return c.Create(ctx, want)
	}

	if err != nil {
		return err
	}

	before := have.DeepCopy()
	have.Default = want.Default

	// What this server knows of itself is not for people to change.
	if want.Source == sourceServer {
		have.Value, have.Source = want.Value, want.Source
	}

	return c.Patch(ctx, have, client.MergeFrom(before))
}

// ensureFeature makes a feature with the status that says its default.
func ensureFeature(ctx context.Context, c client.Client, want *management.Feature) error {
	have := &management.Feature{ObjectMeta: metav1.ObjectMeta{Name: want.Name}}
	if err := create(ctx, c, have); err != nil {
		return err
	}

	if err := c.Get(ctx, client.ObjectKeyFromObject(want), have); err != nil {
		return err
	}

	before := have.DeepCopy()
	have.Status = want.Status

	return c.Status().Patch(ctx, have, client.MergeFrom(before))
}
