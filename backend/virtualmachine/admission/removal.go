package admission

import (
	"context"
	"fmt"
	"slices"

	authorizationv1 "k8s.io/api/authorization/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"crofthci.io/croft/backend/virtualmachine/claim"
)

// removalAllowed asks whether the user may delete the volumes that he chooses to go with the machine: they are deleted
// with the server's rights.
func (s site) removalAllowed(ctx context.Context, r request) error {
	var before []string
	if r.Old != nil {
		before = claim.Chosen(r.Old)
	}
	for _, name := range claim.Chosen(r.Object) {
		if slices.Contains(before, name) {
			continue
		}
		may, err := s.mayAuthor(ctx, r, authorizationv1.ResourceAttributes{
			Verb: "delete", Resource: "persistentvolumeclaims", Namespace: r.Object.Namespace, Name: name,
		})
		if err != nil {
			return err
		}
		if !may {
			return apierrors.NewForbidden(corev1.Resource("persistentvolumeclaims"), name,
				fmt.Errorf("%s may not delete the volume, and so not choose it to go with the machine", s.authorOf(r)))
		}
	}
	return nil
}
