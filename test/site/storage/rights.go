package storage

import (
	snapshotv1 "github.com/kubernetes-csi/external-snapshotter/client/v8/apis/volumesnapshot/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// snapshotController is the account of the real snapshot controller, which
// works for whatever driver brings it along, and the name of its role.
const snapshotController = "snapshot-controller"

// snapshotRights are what the snapshot controller may do, as its installation
// upstream says.
func snapshotRights() []client.Object {
	reads := []string{"get", "list", "watch"}
	writes := []string{"get", "list", "watch", "create", "update", "patch", "delete"}
	rule := func(group string, verbs []string, resources ...string) rbacv1.PolicyRule {
		return rbacv1.PolicyRule{APIGroups: []string{group}, Resources: resources, Verbs: verbs}
	}
	return []client.Object{
		&rbacv1.ClusterRole{
			ObjectMeta: metav1.ObjectMeta{Name: snapshotController},
			Rules: []rbacv1.PolicyRule{
				rule("", reads, "persistentvolumes", "nodes"),
				rule("", append(reads, "update"), "persistentvolumeclaims"),
				rule("", writes, "events"),
				rule(snapshotv1.GroupName, writes,
					"volumesnapshotclasses", "volumesnapshotcontents", "volumesnapshotcontents/status", "volumesnapshots", "volumesnapshots/status"),
				rule("groupsnapshot.storage.k8s.io", writes,
					"volumegroupsnapshotclasses", "volumegroupsnapshotcontents", "volumegroupsnapshotcontents/status",
					"volumegroupsnapshots", "volumegroupsnapshots/status"),
			},
		},
		&rbacv1.ClusterRoleBinding{
			ObjectMeta: metav1.ObjectMeta{Name: snapshotController},
			RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: snapshotController},
			Subjects:   []rbacv1.Subject{{Kind: rbacv1.ServiceAccountKind, Namespace: "kube-system", Name: snapshotController}},
		},
	}
}
