package fill

import (
	"context"
	"net/url"
	"strconv"

	storagev1 "k8s.io/api/storage/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/types"

	"crofthci.io/croft/backend/image/upload"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/cdi"
	"crofthci.io/croft/pkg/phase"
)

// choose answers the class that an image is to be kept on, or what is missing.
func choose(image *image, classes []storagev1.StorageClass) (string, error) {
	wanted := image.Spec.TargetStorageClassName
	if wanted == "" {
		wanted = image.Annotations[harvesterv1.AnnotationStorageClassName]
	}
	for i := range classes {
		if wanted == "" && classes[i].Annotations[harvesterv1.AnnotationDefaultClass] == "true" || wanted != "" && classes[i].Name == wanted {
			return classes[i].Name, nil
		}
	}
	if wanted == "" {
		return "", phase.Stall(ReasonClassNotFound, "the image names no storage class and the site has no default one")
	}
	return "", phase.Stall(ReasonClassNotFound, "storage class %q does not exist", wanted)
}

// annotationAttempt, on a golden volume: which attempt it is of, counted from one.
const annotationAttempt = "harvesterhci.io/attempt"

// attemptOf are the annotations of what an attempt makes, by which it is known whose it is and which one.
func attemptOf(image *image) map[string]string {
	annotations := map[string]string{
		harvesterv1.AnnotationImageID: image.Namespace + "/" + image.Name,
		annotationAttempt:             strconv.Itoa(image.Status.Failed + 1),
	}
	if attempt, ok := upload.Of(image); ok && image.Spec.SourceType == harvesterv1.ImageSourceUpload {
		annotations[harvesterv1.AnnotationUpload] = attempt.ID
	}
	return annotations
}

// goldenVolume is the volume that keeps the bytes of an image.
func goldenVolume(image *image, source cdi.Source) *cdi.DataVolume {
	annotations := attemptOf(image)
	annotations[harvesterv1.AnnotationGoldenImage] = "true"
	return cdi.Import{
		Namespace:   image.Namespace,
		Name:        image.Name,
		Source:      source,
		Class:       image.Status.TargetStorageClassName,
		Size:        volumeSize(image.Status.VirtualSize),
		Annotations: annotations,
	}.Volume()
}

// sourceOf is where CDI takes the bytes from.
func (c *Controller) sourceOf(ctx context.Context, image *image) (cdi.Source, error) {
	switch spec := image.Spec; spec.SourceType {
	case harvesterv1.ImageSourceUpload:
		return cdi.FromUpload(), nil
	case harvesterv1.ImageSourceVolume, harvesterv1.ImageSourceClone:
		from := copied(image)
		return cdi.FromClaim(from.Namespace, from.Name), nil
	default:
		trusted, err := c.trust(ctx, image)
		return cdi.FromURL(c.detour(ctx, image), spec.Checksum, trusted), err
	}
}

// copied is the claim that an image is a copy of: a volume, or the golden volume of another image.
func copied(image *image) types.NamespacedName {
	if crypto := image.Spec.SecurityParameters; image.Spec.SourceType == harvesterv1.ImageSourceClone && crypto != nil {
		return types.NamespacedName{Namespace: crypto.SourceImageNamespace, Name: crypto.SourceImageName}
	}
	return types.NamespacedName{Namespace: image.Spec.PVCNamespace, Name: image.Spec.PVCName}
}

// origin says in words where the bytes come from.
func origin(image *image) string {
	switch image.Spec.SourceType {
	case harvesterv1.ImageSourceUpload:
		return "an upload"
	case harvesterv1.ImageSourceVolume:
		return "volume " + copied(image).String()
	case harvesterv1.ImageSourceClone:
		return "image " + copied(image).String()
	default:
		return bareURL(image.Spec.URL)
	}
}

// volumeSize rounds up to whole mebibytes: CDI aligns disks to them.
func volumeSize(virtual int64) resource.Quantity {
	const mebibyte = 1 << 20
	whole := (virtual + mebibyte - 1) / mebibyte * mebibyte
	return *resource.NewQuantity(whole, resource.BinarySI)
}

// bareURL is a URL without the password it may hold.
func bareURL(from string) string {
	parsed, err := url.Parse(from)
	if err != nil {
		return "the url"
	}
	return parsed.Redacted()
}
