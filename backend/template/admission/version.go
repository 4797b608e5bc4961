package admission

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"

	authorizationv1 "k8s.io/api/authorization/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/validation/path"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/pkg/admission"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
)

var specPath = field.NewPath("spec")

// named names a version for its template when the client does not name it: clients of Harvester leave it to the server.
func named(_ context.Context, r versionRequest) error {
	if r.Old != nil || r.Object.Name != "" || r.Object.GenerateName != "" {
		return nil
	}
	if key, ok := keyOf(r.Object.Spec.TemplateID); ok {
		r.Object.GenerateName = key.Name + "-"
	}
	return nil
}

// unchanged refuses to change a version: what people have chosen by its number stays what they chose.
func unchanged(r versionRequest) field.ErrorList {
	if r.Old == nil || same(r.Old.Spec, r.Object.Spec) {
		return nil
	}
	return field.ErrorList{field.Forbidden(specPath, "a version stays what it was made; make another version of the template")}
}

// same says whether two specs mean the same, however their machines are written.
func same(a, b harvesterv1.VirtualMachineTemplateVersionSpec) bool {
	one, two := meant(a.VM.Raw), meant(b.VM.Raw)
	a.VM.Raw, b.VM.Raw = nil, nil
	a.VM.Object, b.VM.Object = nil, nil
	if len(a.KeyPairIDs)+len(b.KeyPairIDs) == 0 {
		a.KeyPairIDs, b.KeyPairIDs = nil, nil
	}
	return reflect.DeepEqual(a, b) && reflect.DeepEqual(one, two)
}

func meant(raw []byte) any {
	var value any
	if len(bytes.TrimSpace(raw)) == 0 || json.Unmarshal(raw, &value) != nil {
		return nil
	}
	return value
}

// besideTemplate asks for a template in the version's own namespace: a version goes with its template.
func besideTemplate(r versionRequest) field.ErrorList {
	if r.Old != nil {
		return nil
	}
	path := specPath.Child("templateId")
	key, ok := keyOf(r.Object.Spec.TemplateID)
	if !ok {
		return field.ErrorList{field.Invalid(path, r.Object.Spec.TemplateID, "must be namespace/name of a template")}
	}
	if key.Namespace != r.Object.Namespace {
		return field.ErrorList{field.Invalid(path, r.Object.Spec.TemplateID, "must be a template of the version's own namespace, "+r.Object.Namespace)}
	}
	return nil
}

// keyOf reads "namespace/name", and says whether it is that. What could not stand in an address is neither: the API server
// could not even be asked for it.
func keyOf(id string) (types.NamespacedName, bool) {
	namespace, name, found := strings.Cut(id, "/")
	wrong := append(path.IsValidPathSegmentName(namespace), path.IsValidPathSegmentName(name)...)
	return types.NamespacedName{Namespace: namespace, Name: name}, found && namespace != "" && name != "" && len(wrong) == 0
}

// templateThere asks for a template that exists.
func (s site) templateThere(ctx context.Context, r versionRequest) error {
	if r.Old != nil {
		return nil
	}
	key, _ := keyOf(r.Object.Spec.TemplateID)
	err := s.reader.Get(ctx, key, &template{})
	if apierrors.IsNotFound(err) {
		return invalid(r.Object.Name, field.NotFound(specPath.Child("templateId"), r.Object.Spec.TemplateID))
	}
	if err != nil {
		return fmt.Errorf("read template %s: %w", key, err)
	}
	return nil
}

// keysReadable asks for keys that exist and that the user may read.
func (s site) keysReadable(ctx context.Context, r versionRequest) error {
	for i, id := range r.Object.Spec.KeyPairIDs {
		path := specPath.Child("keyPairIds").Index(i)
		if err := s.readable(ctx, r, path, id, harvesterv1.KeyPairs, &harvesterv1.KeyPair{}); err != nil {
			return err
		}
	}
	return nil
}

// imageReadable asks for an image that exists and that the user may read.
func (s site) imageReadable(ctx context.Context, r versionRequest) error {
	id := r.Object.Spec.ImageID
	if id == "" {
		return nil
	}
	return s.readable(ctx, r, specPath.Child("imageId"), id, harvesterv1.VirtualMachineImages, &harvesterv1.VirtualMachineImage{})
}

// readable asks whether the user may read what a field names, and then whether it is there: who may not does not learn it.
func (s site) readable(
	ctx context.Context, r versionRequest, path *field.Path, id string, kind schema.GroupVersionResource, into client.Object,
) error {
	if r.Old != nil {
		return nil
	}
	key, ok := keyOf(id)
	if !ok {
		return invalid(r.Object.Name, field.Invalid(path, id, "must be namespace/name"))
	}
	may, err := admission.May(ctx, s.asks, r.User, authorizationv1.ResourceAttributes{
		Verb: "get", Group: kind.Group, Resource: kind.Resource, Namespace: key.Namespace, Name: key.Name,
	})
	if err != nil {
		return err
	}
	if !may {
		return apierrors.NewForbidden(kind.GroupResource(), id, fmt.Errorf("user %q may not read what %s names", r.User.Username, path))
	}
	err = s.reader.Get(ctx, key, into)
	if apierrors.IsNotFound(err) {
		return invalid(r.Object.Name, field.NotFound(path, id))
	}
	if err != nil {
		return fmt.Errorf("read %s %s: %w", kind.Resource, id, err)
	}
	return nil
}

func invalid(name string, wrong *field.Error) error {
	return apierrors.NewInvalid(harvesterv1.TemplateVersionKind.GroupKind(), name, field.ErrorList{wrong})
}
