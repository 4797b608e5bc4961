package steve

import (
	"context"
	"fmt"
	"strings"

	"github.com/rancher/apiserver/pkg/types"
	"github.com/rancher/steve/pkg/accesscontrol"
	authorizationv1 "k8s.io/api/authorization/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/backend/capability"
)

// callerOf is the caller of a request with clients that act as the caller.
func (s *Server) callerOf(op *types.APIRequest) (capability.Caller, error) {
	info, ok := op.GetUserInfo()
	if !ok {
		return capability.Caller{}, errNobody
	}
	return s.caller(info, s.accessOf(op))
}

// caller is somebody with clients that act as he.
func (s *Server) caller(info user.Info, access *accesscontrol.AccessSet) (capability.Caller, error) {
	config := rest.CopyConfig(s.config)
	config.Impersonate = rest.ImpersonationConfig{
		UserName: info.GetName(), UID: info.GetUID(), Groups: info.GetGroups(), Extra: info.GetExtra(),
	}
	asCaller, err := client.New(config, client.Options{Scheme: s.scheme, Mapper: s.mapper})
	if err != nil {
		return capability.Caller{}, fmt.Errorf("make a client for %s: %w", info.GetName(), err)
	}
	return capability.Caller{Name: info.GetName(), Client: asCaller, Config: config, View: s.view(access), Prometheus: s.prometheus}, nil
}

// viewOf is what rows for the caller of a request are made from.
func (s *Server) viewOf(op *types.APIRequest) capability.View {
	return s.view(s.accessOf(op))
}

func (s *Server) view(access *accesscontrol.AccessSet) capability.View {
	return capability.View{Facts: s.facts, May: may(access)}
}

// accessOf are the rights of the caller as the bindings give them. Steve has looked them up for the request already,
// unless it has copied the schemas since.
func (s *Server) accessOf(op *types.APIRequest) *accesscontrol.AccessSet {
	if set := accesscontrol.AccessSetFromAPIRequest(op); set != nil {
		return set
	}
	info, ok := op.GetUserInfo()
	if !ok {
		return &accesscontrol.AccessSet{}
	}
	return s.access.AccessFor(info)
}

// may asks an access set as RBAC would. Rules for one subresource of every resource ("*/scale") are the only wildcard
// that the set does not know itself.
func may(set *accesscontrol.AccessSet) func(capability.Permission, string, string) bool {
	return func(p capability.Permission, namespace, name string) bool {
		if set.Grants(p.Verb, schema.GroupResource{Group: p.Group, Resource: p.Resource}, namespace, name) {
			return true
		}
		_, sub, ok := strings.Cut(p.Resource, "/")
		return ok && set.Grants(p.Verb, schema.GroupResource{Group: p.Group, Resource: "*/" + sub}, namespace, name)
	}
}

// allowed asks the API server whether the caller has a permission: before a deed, bindings that this server watches are
// not enough, because they may be late, and because clusters have other authorizers.
func allowed(ctx context.Context, caller capability.Caller, p capability.Permission, namespace, name string) (bool, error) {
	resource, sub, _ := strings.Cut(p.Resource, "/")
	question := &authorizationv1.SelfSubjectAccessReview{Spec: authorizationv1.SelfSubjectAccessReviewSpec{
		ResourceAttributes: &authorizationv1.ResourceAttributes{
			Verb: p.Verb, Group: p.Group, Resource: resource, Subresource: sub, Namespace: namespace, Name: name,
		},
	}}
	if err := caller.Client.Create(ctx, question); err != nil {
		return false, fmt.Errorf("ask whether %s may %s: %w", caller.Name, p, err)
	}
	return question.Status.Allowed, nil
}
