package download

import (
	"net/url"

	storagev1 "k8s.io/api/storage/v1"
	"k8s.io/apimachinery/pkg/api/resource"

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

// goldenVolume is the volume that keeps the bytes of an image.
func goldenVolume(image *image) *cdi.DataVolume {
	return cdi.Import{
		Namespace: image.Namespace,
		Name:      image.Name,
		URL:       image.Spec.URL,
		SHA512:    image.Spec.Checksum,
		Class:     image.Status.TargetStorageClassName,
		Size:      volumeSize(image.Status.VirtualSize),
		Annotations: map[string]string{
			harvesterv1.AnnotationImageID:     image.Namespace + "/" + image.Name,
			harvesterv1.AnnotationGoldenImage: "true",
		},
	}.Volume()
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
