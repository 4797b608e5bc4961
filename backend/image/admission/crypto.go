package admission

import (
	"context"
	"fmt"
	"slices"
	"strings"

	storagev1 "k8s.io/api/storage/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/validation/field"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/cdi"
	"crofthci.io/croft/pkg/longhorn"
)

// crypto is what an encryption or decryption is about.
type crypto struct {
	operation harvesterv1.ImageCryptoOperation
	// from and to are the classes that the source and the copy are kept on.
	from, to *storagev1.StorageClass
	// strategy is how CDI copies onto the class to.
	strategy cdi.CloneStrategy
}

// unless says why the storage cannot do it, "" when it can. The class of a volume is what encrypts it: every byte must be
// read through the one and written through the other, so a copy that the driver makes by itself would not do.
func (c crypto) unless() string {
	// In Longhorn's words, which others have taken over.
	encrypts := func(class *storagev1.StorageClass) bool {
		return class.Parameters[longhorn.ParameterEncrypted] == "true"
	}
	switch {
	case c.operation == "encrypt" && encrypts(c.from):
		return fmt.Sprintf("the image is encrypted already, by storage class %s", c.from.Name)
	case c.operation == "decrypt" && !encrypts(c.from):
		return fmt.Sprintf("the image is not encrypted: storage class %s has no parameter encrypted: \"true\"", c.from.Name)
	case c.operation == "encrypt" && !encrypts(c.to):
		return fmt.Sprintf("storage class %s does not encrypt: it has no parameter encrypted: \"true\"", c.to.Name)
	case c.operation == "decrypt" && encrypts(c.to):
		return fmt.Sprintf("storage class %s encrypts what is kept on it; name one without encrypted: \"true\"", c.to.Name)
	case c.operation == "encrypt" && missingSecret(c.to) != "":
		return fmt.Sprintf("storage class %s names no secret with the key: it has no parameter %s", c.to.Name, missingSecret(c.to))
	case c.from.Provisioner == c.to.Provisioner && c.strategy != cdi.CloneByCopy:
		return fmt.Sprintf("storage class %s copies volumes by itself, as they are; give it the annotation %s: copy",
			c.to.Name, "cdi.harvesterhci.io/storageProfileCloneStrategy")
	default:
		return ""
	}
}

// missingSecret is the first parameter that an encrypted class lacks of those that name its secret, "" when it has all.
// What stands in the secret is the driver's to say: Croft may not read secrets.
func missingSecret(class *storagev1.StorageClass) string {
	at := slices.IndexFunc(longhorn.SecretParameters, func(key string) bool { return strings.TrimSpace(class.Parameters[key]) == "" })
	if at < 0 {
		return ""
	}
	return longhorn.SecretParameters[at]
}

// cryptoServed refuses an encryption or decryption that the storage cannot do.
func (s site) cryptoServed(ctx context.Context, r request) error {
	spec := r.Object.Spec
	if r.Old != nil || spec.SourceType != harvesterv1.ImageSourceClone || spec.SecurityParameters == nil {
		return nil
	}
	what := crypto{operation: spec.SecurityParameters.CryptoOperation}
	var err error
	if what.from, err = s.sourceClass(ctx, r); err != nil {
		return err
	}
	target := specPath.Child("targetStorageClassName")
	if what.to, err = s.classOf(ctx, r.Object); err != nil {
		return err
	}
	if what.to == nil {
		return invalid(r, field.Required(target, "must name a storage class that exists"))
	}
	if r.Object.IsBacked() {
		what.to, what.strategy = ownClassOf(r.Object, what.to), cdi.CloneByCopy // Longhorn itself reads and writes every byte
	} else if what.strategy, err = s.strategyOf(ctx, what.to.Name); err != nil {
		return err
	}
	if sentence := what.unless(); sentence != "" {
		return invalid(r, field.Invalid(target, what.to.Name, sentence))
	}
	return nil
}

// sourceClass is the class of the image to copy, which must be there with all its bytes.
func (s site) sourceClass(ctx context.Context, r request) (*storagev1.StorageClass, error) {
	parameters := r.Object.Spec.SecurityParameters
	path := specPath.Child("securityParameters", "sourceImageName")
	key := types.NamespacedName{Namespace: parameters.SourceImageNamespace, Name: parameters.SourceImageName}
	from := &image{}
	err := s.direct.Get(ctx, key, from)
	if apierrors.IsNotFound(err) {
		return nil, invalid(r, field.NotFound(path, key.String()))
	}
	if err != nil {
		return nil, fmt.Errorf("read image %s: %w", key, err)
	}
	if !from.Ready() {
		return nil, invalid(r, field.Invalid(path, key.String(), "is not ready: it has no bytes to copy yet"))
	}
	kept := from.Status.TargetStorageClassName
	if from.IsBacked() != r.Object.IsBacked() {
		return nil, invalid(r, field.Invalid(specPath.Child("backend"), r.Object.Spec.Backend, fmt.Sprintf(
			"image %s is kept by backend %s, and its copy must be as well, on a storage class for it", key, from.Spec.Backend)))
	}
	if from.IsBacked() {
		kept = from.Status.StorageClassName
	}
	class := &storagev1.StorageClass{}
	if err := s.direct.Get(ctx, types.NamespacedName{Name: kept}, class); err != nil {
		if apierrors.IsNotFound(err) {
			return nil, invalid(r, field.Invalid(path, key.String(), "is kept on a storage class that is gone: "+kept))
		}
		return nil, fmt.Errorf("read storage class %s: %w", kept, err)
	}
	return class, nil
}

// strategyOf is how CDI copies onto a class, "" when CDI does not say.
func (s site) strategyOf(ctx context.Context, class string) (cdi.CloneStrategy, error) {
	profile := &cdi.StorageProfile{}
	err := s.direct.Get(ctx, types.NamespacedName{Name: class}, profile)
	if apierrors.IsNotFound(err) || meta.IsNoMatchError(err) || err == nil && profile.Status.CloneStrategy == nil {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("read storage profile %s: %w", class, err)
	}
	return *profile.Status.CloneStrategy, nil
}

// sealable refuses an encrypted class for bytes that come as they are: Longhorn reads what it keeps through the class, and
// would find nothing encrypted there.
func (s site) sealable(ctx context.Context, r request) error {
	source := r.Object.Spec.SourceType
	if r.Old != nil || !r.Object.IsBacked() || source != harvesterv1.ImageSourceDownload && source != harvesterv1.ImageSourceUpload {
		return nil
	}
	class, err := s.classOf(ctx, r.Object)
	if err != nil || class == nil || ownClassOf(r.Object, class).Parameters[longhorn.ParameterEncrypted] != "true" {
		return err
	}
	return invalid(r, field.Invalid(specPath.Child("targetStorageClassName"), class.Name,
		"encrypts what is kept on it, and the bytes of a "+string(source)+" are not encrypted; keep them on another, and clone that image onto this one"))
}
