package steve_test

import (
	"context"

	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// The users of these tests. The API server has no others.
const (
	admin    = "admin"    // may do everything everywhere
	operator = "operator" // may see gadgets in home and switch them on
	reader   = "reader"   // may see gadgets in home
	stranger = "stranger" // may nothing
)

// The namespaces of these tests.
const (
	home = "home"
	away = "away"
)

// cast says what each user may do.
var cast = map[string][]rbacv1.PolicyRule{
	operator: {
		{Verbs: []string{"get", "list", "watch", "patch"}, APIGroups: []string{gadgetVersion.Group}, Resources: []string{"gadgets"}},
		{Verbs: []string{"update"}, APIGroups: []string{gadgetVersion.Group}, Resources: []string{"gadgets/switchon"}},
	},
	reader: {
		{Verbs: []string{"get", "list", "watch"}, APIGroups: []string{gadgetVersion.Group}, Resources: []string{"gadgets"}},
	},
	stranger: nil,
}

// enrol makes the namespaces, the users and their rights, and returns the users' tokens.
func enrol(ctx context.Context, c client.Client) (map[string]string, error) {
	objects := []client.Object{
		&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: home}},
		&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: away}},
		&rbacv1.ClusterRoleBinding{
			ObjectMeta: metav1.ObjectMeta{Name: admin},
			RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "cluster-admin"},
			Subjects:   []rbacv1.Subject{{Kind: rbacv1.ServiceAccountKind, Namespace: home, Name: admin}},
		},
	}
	names := []string{admin}
	for name, rules := range cast {
		names = append(names, name)
		objects = append(objects,
			&rbacv1.Role{ObjectMeta: metav1.ObjectMeta{Namespace: home, Name: name}, Rules: rules},
			&rbacv1.RoleBinding{
				ObjectMeta: metav1.ObjectMeta{Namespace: home, Name: name},
				RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: name},
				Subjects:   []rbacv1.Subject{{Kind: rbacv1.ServiceAccountKind, Namespace: home, Name: name}},
			})
	}
	for _, object := range objects {
		if err := c.Create(ctx, object); err != nil {
			return nil, err
		}
	}
	tokens := map[string]string{}
	for _, name := range names {
		account := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: home, Name: name}}
		if err := c.Create(ctx, account); err != nil {
			return nil, err
		}
		request := &authenticationv1.TokenRequest{}
		if err := c.SubResource("token").Create(ctx, account, request); err != nil {
			return nil, err
		}
		tokens[name] = request.Status.Token
	}
	return tokens, nil
}

// asImpersonated are the headers with which Rancher would say that it asks for a user.
func asImpersonated(name string) map[string]string {
	return map[string]string{"Impersonate-User": "system:serviceaccount:" + home + ":" + name}
}
