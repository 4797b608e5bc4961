package clients

import (
	"testing"

	"github.com/harvester/harvester/pkg/builder"
	corev1 "k8s.io/api/core/v1"
	storagev1 "k8s.io/api/storage/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

const annotationDefault = "storageclass.kubernetes.io/is-default-class"

// storageClass is a class as the Terraform provider makes it.
func storageClass(name, driver, chosen string) *storagev1.StorageClass {
	reclaim, binding, grows := corev1.PersistentVolumeReclaimDelete, storagev1.VolumeBindingImmediate, true
	return &storagev1.StorageClass{
		ObjectMeta: metav1.ObjectMeta{
			Name: name, Labels: map[string]string{builder.LabelPrefixHarvesterTag + "tier": "cold"},
			Annotations: map[string]string{builder.AnnotationKeyDescription: "Cold.", annotationDefault: chosen},
		},
		Provisioner: driver, ReclaimPolicy: &reclaim, VolumeBindingMode: &binding, AllowVolumeExpansion: &grows,
		Parameters: map[string]string{"migratable": "true", "numberOfReplicas": "1", "staleReplicaTimeout": "30"},
	}
}

// TestStorageClass makes, describes and deletes a class.
func TestStorageClass(t *testing.T) {
	s := open(t, "clients-class")
	classes := s.harvester.StorageV1().StorageClasses()
	made, err := classes.Create(t.Context(), storageClass("tf-cold", s.driver(t), "false"), metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if made.Parameters["numberOfReplicas"] != "1" || made.Labels[builder.LabelPrefixHarvesterTag+"tier"] != "cold" || *made.ReclaimPolicy != corev1.PersistentVolumeReclaimDelete {
		t.Errorf("it is as it was made: %+v", made)
	}
	if err := changed(t.Context(), classes.Get, classes.Update, made.Name, func(class *storagev1.StorageClass) {
		class.Annotations[builder.AnnotationKeyDescription] = "Colder."
	}); err != nil {
		t.Errorf("its description changes: %v", err)
	}
	_, err = classes.Create(t.Context(), storageClass("tf-default", s.driver(t), "true"), metav1.CreateOptions{})
	if !apierrors.IsInvalid(err) && !apierrors.IsConflict(err) {
		t.Errorf("there is one default class, and it is another: %v", err)
	}
	if err := classes.Delete(t.Context(), made.Name, metav1.DeleteOptions{}); err != nil {
		t.Error(err)
	}
}

// TestClassesWhole reads every class of the site as the provider does, which does not survive one without these fields:
// those of images, too.
func TestClassesWhole(t *testing.T) {
	s := open(t, "clients-classes")
	image := s.makeImage(t, s.imageAt("tiny", tiny))
	list, err := s.harvester.StorageV1().StorageClasses().List(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	found := false
	for _, class := range list.Items {
		found = found || class.Name == image.Status.StorageClassName
		if class.AllowVolumeExpansion == nil || class.ReclaimPolicy == nil || class.VolumeBindingMode == nil || class.Provisioner == "" {
			t.Errorf("class %s says what becomes of its volumes: %+v", class.Name, class)
		}
	}
	if !found {
		t.Errorf("the image's class %s is one of them", image.Status.StorageClassName)
	}
}
