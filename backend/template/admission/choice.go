package admission

import (
	"context"
	"fmt"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/pkg/admission"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
)

// defaultIsVersion refuses a default that is no version of the template. A template that is made may name one that
// follows: that is how it comes back from a file.
func (s site) defaultIsVersion(ctx context.Context, r templateRequest) error {
	id := r.Object.Spec.DefaultVersionID
	if r.Old == nil || r.Object.DeletionTimestamp != nil || id == r.Old.Spec.DefaultVersionID {
		return nil
	}
	path := specPath.Child("defaultVersionId")
	refuse := func(wrong *field.Error) error {
		return apierrors.NewInvalid(harvesterv1.TemplateKind.GroupKind(), r.Object.Name, field.ErrorList{wrong})
	}
	key, ok := keyOf(id)
	if !ok {
		return refuse(field.Invalid(path, id, "must be namespace/name of a version of this template"))
	}
	chosen := &version{}
	err := s.reader.Get(ctx, key, chosen)
	if apierrors.IsNotFound(err) {
		return refuse(field.NotFound(path, id))
	}
	if err != nil {
		return fmt.Errorf("read version %s: %w", key, err)
	}
	if chosen.Spec.TemplateID != r.Object.Namespace+"/"+r.Object.Name {
		return refuse(field.Invalid(path, id, "is a version of template "+chosen.Spec.TemplateID))
	}
	return nil
}

// notDefault keeps the default version while its template is there: a template goes with all of its versions. Harvester's
// Terraform provider knows the refusal by how its sentence begins, and deletes the template instead.
func (s site) notDefault(ctx context.Context, r versionRequest) error {
	key, ok := keyOf(r.Old.Spec.TemplateID)
	if !ok {
		return nil
	}
	of := &template{}
	err := s.reader.Get(ctx, key, of)
	if client.IgnoreNotFound(err) != nil {
		return fmt.Errorf("read template %s: %w", key, err)
	}
	if err != nil || of.DeletionTimestamp != nil || of.Spec.DefaultVersionID != r.Old.Namespace+"/"+r.Old.Name {
		return nil
	}
	return admission.Conflict(harvesterv1.TemplateVersions.GroupResource(), r.Old.Name,
		"Cannot delete the default templateVersion: version %s is the default of template %s; choose another default first, or delete the template",
		r.Old.Name, key)
}
