package admission

import (
	"context"
	"fmt"

	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// May asks whether a user may do something. A webhook acts for others with its own rights, so whatever it reads for them
// they must be allowed to read.
func May(
	ctx context.Context, ask client.Client, user authenticationv1.UserInfo, what authorizationv1.ResourceAttributes,
) (bool, error) {
	review := &authorizationv1.SubjectAccessReview{Spec: authorizationv1.SubjectAccessReviewSpec{
		User: user.Username, UID: user.UID, Groups: user.Groups, ResourceAttributes: &what,
		Extra: make(map[string]authorizationv1.ExtraValue, len(user.Extra)),
	}}
	for key, values := range user.Extra {
		review.Spec.Extra[key] = authorizationv1.ExtraValue(values)
	}
	if err := ask.Create(ctx, review); err != nil {
		return false, fmt.Errorf("ask whether %s may %s %s %s/%s: %w", user.Username, what.Verb, what.Resource, what.Namespace, what.Name, err)
	}
	return review.Status.Allowed, nil
}
