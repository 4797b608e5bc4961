package admission

import (
	"context"
	"fmt"

	storagev1 "k8s.io/api/storage/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"

	"crofthci.io/croft/pkg/longhorn"
)

// unlessFirstEngine says why no backing image is made for volumes of a class, "" when one can be. It is so in Harvester, which
// takes CDI wherever it chooses the backend of an image on Longhorn's second engine.
func unlessFirstEngine(class *storagev1.StorageClass) string {
	if class.Provisioner != longhorn.Driver || longhorn.FirstEngine(class.Provisioner, class.Parameters) {
		return ""
	}
	return fmt.Sprintf("is for volumes of Longhorn's first engine, and those of storage class %s are of its second (parameter %s: %s); use cdi",
		class.Name, longhorn.ParameterEngine, class.Parameters[longhorn.ParameterEngine])
}

// engineServed refuses a backing image where the image's own class would be of Longhorn's second engine.
func (s site) engineServed(ctx context.Context, r request) error {
	if r.Old != nil || !r.Object.IsBacked() {
		return nil
	}
	class, err := s.classOf(ctx, r.Object)
	if err != nil || class == nil {
		return err
	}
	if sentence := unlessFirstEngine(ownClassOf(r.Object, class)); sentence != "" {
		return invalid(r, field.Invalid(specPath.Child("backend"), r.Object.Spec.Backend, sentence))
	}
	return nil
}
