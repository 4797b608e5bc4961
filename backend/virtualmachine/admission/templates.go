package admission

import (
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"k8s.io/utils/ptr"

	"crofthci.io/croft/backend/virtualmachine/claim"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
)

// templatesPath is where claim templates stand. They are text to Kubernetes; what is inside is named as if it were not.
var templatesPath = annotationPath(harvesterv1.AnnotationVolumeClaimTemplates)

// templatesOf are a machine's claim templates; none when they cannot be read, which templatesReadable tells.
func templatesOf(vm *machine) []claim.Template {
	if vm == nil {
		return nil
	}
	templates, err := claim.Templates(vm)
	if err != nil {
		return nil
	}
	return templates
}

func templatesReadable(r request) field.ErrorList {
	if _, err := claim.Templates(r.Object); err != nil {
		return field.ErrorList{field.Invalid(templatesPath, r.Object.Annotations[harvesterv1.AnnotationVolumeClaimTemplates], err.Error())}
	}
	return nil
}

// templatesComplete asks of each template what a claim cannot be made without.
func templatesComplete(r request) field.ErrorList {
	var wrong field.ErrorList
	seen := map[string]bool{}
	for i, template := range templatesOf(r.Object) {
		name, at := template.Name, templatesPath.Index(i)
		namePath := at.Child("metadata", "name")
		if name == "" {
			wrong = append(wrong, field.Required(namePath, "a volume needs a name"))
		}
		for _, problem := range validation.IsDNS1123Subdomain(name) {
			if name != "" {
				wrong = append(wrong, field.Invalid(namePath, name, problem))
			}
		}
		if seen[name] && name != "" {
			wrong = append(wrong, field.Duplicate(namePath, name))
		}
		seen[name] = true
		size := template.Spec.Resources.Requests[corev1.ResourceStorage]
		if size.Sign() <= 0 {
			wrong = append(wrong, field.Required(at.Child("spec", "resources", "requests", "storage"), "a volume needs a size"))
		}
		if len(template.Spec.AccessModes) == 0 && template.Annotations[harvesterv1.AnnotationImageID] == "" {
			wrong = append(wrong, field.Required(at.Child("spec", "accessModes"), "a volume needs an access mode"))
		}
	}
	return wrong
}

// compare hands on each template that was there before, with what it was.
func compare(r request, differ func(at *field.Path, before, after claim.Template) *field.Error) field.ErrorList {
	before := map[string]claim.Template{}
	for _, template := range templatesOf(r.Old) {
		before[template.Name] = template
	}
	var wrong field.ErrorList
	for i, after := range templatesOf(r.Object) {
		was, known := before[after.Name]
		if !known {
			continue
		}
		if err := differ(templatesPath.Index(i), was, after); err != nil {
			wrong = append(wrong, err)
		}
	}
	return wrong
}

// classesKept refuses another class for a volume that is made already.
func classesKept(r request) field.ErrorList {
	return compare(r, func(at *field.Path, before, after claim.Template) *field.Error {
		was, is := ptr.Deref(before.Spec.StorageClassName, ""), ptr.Deref(after.Spec.StorageClassName, "")
		if was == is {
			return nil
		}
		return field.Forbidden(at.Child("spec", "storageClassName"), "the storage class of a volume stays what it was: "+was)
	})
}

// sizesNotShrunk refuses a smaller size: no storage can take bytes away from a disk.
func sizesNotShrunk(r request) field.ErrorList {
	return compare(r, func(at *field.Path, before, after claim.Template) *field.Error {
		was, is := before.Spec.Resources.Requests[corev1.ResourceStorage], after.Spec.Resources.Requests[corev1.ResourceStorage]
		if is.Cmp(was) >= 0 {
			return nil
		}
		return field.Forbidden(at.Child("spec", "resources", "requests", "storage"),
			"a volume cannot shrink from "+was.String()+" to "+is.String())
	})
}

// imagesKept refuses another image for a volume that is cut already.
func imagesKept(r request) field.ErrorList {
	return compare(r, func(at *field.Path, before, after claim.Template) *field.Error {
		was, is := before.Annotations[harvesterv1.AnnotationImageID], after.Annotations[harvesterv1.AnnotationImageID]
		if was == is {
			return nil
		}
		return field.Forbidden(at.Child("metadata", "annotations").Key(harvesterv1.AnnotationImageID),
			"the image of a volume stays what it was: "+was)
	})
}

// oneMove refuses more than one volume on its way to another claim, and one on its way to itself.
func oneMove(r request) field.ErrorList {
	var wrong field.ErrorList
	under := ""
	for i, template := range templatesOf(r.Object) {
		path := templatesPath.Index(i).Child("targetVolume")
		switch {
		case template.TargetVolume == "":
			continue
		case template.TargetVolume == template.Name:
			wrong = append(wrong, field.Invalid(path, template.TargetVolume, "a volume cannot move to itself"))
		case under != "":
			wrong = append(wrong, field.Forbidden(path, "volume "+under+" is being moved; one moves at a time"))
		}
		under = template.Name
	}
	return wrong
}
