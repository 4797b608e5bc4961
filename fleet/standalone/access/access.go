// Package access asks the hub's API server whether somebody may do a thing, so
// that every way in which rights can be given counts. It decides nothing itself
// and knows nothing of the rights in sites. Begin reading at Reviewer.
package access

import (
	"context"
	"fmt"

	authorizationv1 "k8s.io/api/authorization/v1"
	"k8s.io/apiserver/pkg/authentication/user"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/pkg/rancher/management"
)

// Reviewer asks by SubjectAccessReview.
type Reviewer struct {
	// Client asks with the right to ask for others.
	Client client.Writer
}

// Allows tells whether somebody may do a thing.
func (r *Reviewer) Allows(ctx context.Context, who user.Info, what authorizationv1.ResourceAttributes) (bool, error) {
	extra := map[string]authorizationv1.ExtraValue{}
	for key, values := range who.GetExtra() {
		extra[key] = values
	}

	review := &authorizationv1.SubjectAccessReview{Spec: authorizationv1.SubjectAccessReviewSpec{
		User: who.GetName(), UID: who.GetUID(), Groups: who.GetGroups(), Extra: extra, ResourceAttributes: &what,
	}}
	if err := r.Client.Create(ctx, review); err != nil {
		return false, fmt.Errorf("ask whether %s may %s %s %s: %w", who.GetName(), what.Verb, what.Resource, what.Name, err)
	}

	return review.Status.Allowed, nil
}

// MayGetCluster tells whether somebody may get a cluster on the hub, which is what
// opens the way into it.
func (r *Reviewer) MayGetCluster(ctx context.Context, who user.Info, cluster string) (bool, error) {
	return r.Allows(ctx, who, authorizationv1.ResourceAttributes{
		Group: management.GroupVersion.Group, Resource: "clusters", Verb: "get", Name: cluster,
	})
}
