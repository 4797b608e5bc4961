package main

import (
	"context"

	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/pkg/kubevirt"
)

// home is the namespace that the tests' users have rights in.
const home = "default"

// The users, and what they may do in home.
const (
	admin    = "admin"    // everything, everywhere
	owner    = "owner"    // what KubeVirt lets owners of machines do, which is not to migrate
	mover    = "mover"    // look, and migrate
	switcher = "switcher" // look, and stop, but not change machines
	viewer   = "viewer"   // look
	editor   = "editor"   // what Kubernetes' role edit lets people do, with what KubeVirt and Croft add to it
	reader   = "reader"   // what Kubernetes' role view lets them, likewise
	stranger = "stranger" // nothing here
)

// rights are the cluster roles of a user: KubeVirt's own, and one of these tests.
var rights = map[string][]string{
	owner:    {"kubevirt.io:admin"},
	mover:    {"kubevirt.io:view", "kubevirt.io:migrate"},
	switcher: {"kubevirt.io:view", switcher},
	viewer:   {"kubevirt.io:view"},
	// Nobody aggregates roles here, so these are bound to the parts.
	editor: {"system:aggregate-to-edit", "system:aggregate-to-view", "kubevirt.io:edit", "kubevirt.io:view", "cdi.kubevirt.io:edit", "cdi.kubevirt.io:view",
		"harvesterhci.io:edit", "harvesterhci.io:view"},
	reader: {"system:aggregate-to-view", "kubevirt.io:view", "cdi.kubevirt.io:view", "harvesterhci.io:view"},
}

// enrol makes the users and returns their tokens.
func enrol(ctx context.Context) (map[string]string, error) {
	objects := []client.Object{
		&rbacv1.ClusterRole{ObjectMeta: metav1.ObjectMeta{Name: switcher}, Rules: []rbacv1.PolicyRule{{
			Verbs: []string{"update"}, APIGroups: []string{kubevirt.SubresourceGroupVersion.Group},
			Resources: []string{"virtualmachines/stop"},
		}}},
		&rbacv1.ClusterRoleBinding{
			ObjectMeta: metav1.ObjectMeta{Name: admin},
			RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "cluster-admin"},
			Subjects:   subject(admin),
		},
	}
	for user, roles := range rights {
		for _, role := range roles {
			objects = append(objects, &rbacv1.RoleBinding{
				ObjectMeta: metav1.ObjectMeta{Namespace: home, GenerateName: user + "-"},
				RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: role},
				Subjects:   subject(user),
			})
		}
	}
	for _, object := range objects {
		if err := site.admin.Create(ctx, object); err != nil {
			return nil, err
		}
	}
	tokens := map[string]string{}
	for _, user := range []string{admin, owner, mover, switcher, viewer, editor, reader, stranger} {
		account := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: home, Name: user}}
		if err := site.admin.Create(ctx, account); err != nil {
			return nil, err
		}
		request := &authenticationv1.TokenRequest{}
		if err := site.admin.SubResource("token").Create(ctx, account, request); err != nil {
			return nil, err
		}
		tokens[user] = request.Status.Token
	}
	return tokens, nil
}

func subject(user string) []rbacv1.Subject {
	return []rbacv1.Subject{{Kind: rbacv1.ServiceAccountKind, Namespace: home, Name: user}}
}
