package admission

import (
	"context"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/util/validation/field"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/pkg/admission"
	"crofthci.io/croft/pkg/kubevirt"
	"crofthci.io/croft/pkg/rancher/management"
)

// annotationPath is where Rancher says what a namespace may have.
var annotationPath = field.NewPath("metadata", "annotations").Key(management.AnnotationQuota)

type namespaceRequest = admission.Request[*corev1.Namespace]

// changed says whether somebody wants another quota than a namespace has.
func changed(r namespaceRequest) bool {
	return r.Old != nil && r.Old.Annotations[management.AnnotationQuota] != r.Object.Annotations[management.AnnotationQuota]
}

// quotaReadable refuses a quota that Rancher could make nothing of.
func quotaReadable(r namespaceRequest) field.ErrorList {
	if !changed(r) {
		return nil
	}
	written := r.Object.Annotations[management.AnnotationQuota]
	if _, err := management.ParseQuota(written); err != nil {
		return field.ErrorList{field.Invalid(annotationPath, written, err.Error())}
	}
	return nil
}

// quotaStill keeps a quota as it is while machines of the namespace move: it is larger then than it says, and what is used
// is counted twice.
func (s site) quotaStill(ctx context.Context, r namespaceRequest) error {
	if !changed(r) {
		return nil
	}
	migrations := &kubevirt.MigrationList{}
	if err := s.direct.List(ctx, migrations, client.InNamespace(r.Object.Name)); err != nil {
		return fmt.Errorf("list the migrations of namespace %s: %w", r.Object.Name, err)
	}
	var moving []string
	for i := range migrations.Items {
		if !migrations.Items[i].IsFinal() {
			moving = append(moving, migrations.Items[i].Spec.VMIName)
		}
	}
	if len(moving) == 0 {
		return nil
	}
	slices.Sort(moving)
	return admission.Conflict(corev1.Resource("namespaces"), r.Object.Name,
		"The quota %s of namespace %s cannot change while machines migrate: %s. Try again when they have arrived.",
		management.AnnotationQuota, r.Object.Name, strings.Join(slices.Compact(moving), ", "))
}

// compute are the resources that machines run on.
var compute = []corev1.ResourceName{
	corev1.ResourceLimitsCPU, corev1.ResourceLimitsMemory, corev1.ResourceRequestsCPU, corev1.ResourceRequestsMemory,
}

// quotaEnough refuses a quota that is smaller than what the namespace uses already: none of its machines could migrate or
// start again.
func (s site) quotaEnough(ctx context.Context, r namespaceRequest) error {
	if !changed(r) {
		return nil
	}
	limits, err := management.ParseQuota(r.Object.Annotations[management.AnnotationQuota])
	if err != nil || len(limits) == 0 {
		return err
	}
	quotas := &corev1.ResourceQuotaList{}
	err = s.direct.List(ctx, quotas, client.InNamespace(r.Object.Name), client.MatchingLabels{management.LabelQuota: "true"})
	if err != nil {
		return fmt.Errorf("list the quotas of namespace %s: %w", r.Object.Name, err)
	}
	var wrong field.ErrorList
	for i := range quotas.Items {
		for _, sentence := range below(limits, quotas.Items[i].Status.Used) {
			wrong = append(wrong, field.Forbidden(annotationPath, sentence))
		}
	}
	if len(wrong) == 0 {
		return nil
	}
	return apierrors.NewInvalid(corev1.SchemeGroupVersion.WithKind("Namespace").GroupKind(), r.Object.Name, wrong)
}

// below says of which resources there would be less than is used.
func below(limits, used corev1.ResourceList) []string {
	var sentences []string
	for _, name := range compute {
		limit, limited := limits[name]
		use, known := used[name]
		if limited && known && limit.Cmp(use) < 0 {
			sentences = append(sentences, fmt.Sprintf("%s cannot be %s: %s are used already", name, limit.String(), use.String()))
		}
	}
	return sentences
}
