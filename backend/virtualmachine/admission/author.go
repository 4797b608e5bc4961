package admission

import (
	"context"
	"fmt"
	"slices"

	authenticationv1 "k8s.io/api/authentication/v1"
	authorizationv1 "k8s.io/api/authorization/v1"
	"k8s.io/apiserver/pkg/authentication/user"

	"crofthci.io/croft/pkg/admission"
)

// everybody has the rights that whoever has logged in has.
var everybody = authenticationv1.UserInfo{Groups: []string{user.AllAuthenticated}}

// mayAuthor asks whether whoever wants this machine may do something that is done for him with the server's rights.
func (s site) mayAuthor(ctx context.Context, r request, what authorizationv1.ResourceAttributes) (bool, error) {
	author := r.User
	if slices.Contains(s.agents, author.Username) {
		author = everybody
	}
	return admission.May(ctx, s.reader, author, what)
}

// authorOf names whoever wants this machine, for a sentence.
func (s site) authorOf(r request) string {
	if slices.Contains(s.agents, r.User.Username) {
		return fmt.Sprintf("whoever asked %q for the machine, who is not known,", r.User.Username)
	}
	return fmt.Sprintf("user %q", r.User.Username)
}
