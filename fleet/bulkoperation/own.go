package bulkoperation

import (
	"context"
	"encoding/json"
	"fmt"

	rbacv1 "k8s.io/api/rbac/v1"

	"crofthci.io/croft/fleet/index"
	"crofthci.io/croft/fleet/index/rights"
	fleetv1 "crofthci.io/croft/pkg/apis/fleet/v1alpha1"
)

// creatorColumn is the column of whom an operation acts as.
const creatorColumn = "creator"

// Owners tells the book of rights that everybody sees his own operations, as if a role of the hub said so. Nothing is
// written anywhere for that: an operation names its creator, and that never changes.
type Owners struct {
	// Hub is the name under which the hub's own RBAC is in the book.
	Hub string
	// Book is everybody's RBAC.
	Book *rights.Book
}

// Load reads from the index whose the operations are that it has kept.
func (o Owners) Load(ctx context.Context, rows *index.Index) error {
	query := index.Query{Type: Type, Scope: index.Scope{Sites: []string{o.Hub}}}
	tallies, err := rows.Count(ctx, query, []string{"name", creatorColumn}, nil)
	if err != nil {
		return fmt.Errorf("load whose the bulk operations are: %w", err)
	}
	for _, tally := range tallies {
		o.put(tally.Values[0], tally.Values[1])
	}
	return nil
}

// Event brings the book up to date with a change of the index, and says whether it concerned rights.
func (o Owners) Event(event index.Event) (bool, error) {
	switch {
	case event.Type != Type.Name:
		return false, nil
	case event.Removed:
		o.remove(event.Key.Name)
		return true, nil
	case !event.Created:
		return false, nil
	}
	var row struct {
		Creator string `json:"creator"`
	}
	if err := json.Unmarshal(event.Document(), &row); err != nil {
		return false, fmt.Errorf("read whose a bulk operation is: %w", err)
	}
	o.put(event.Key.Name, row.Creator)
	return true, nil
}

// roleOf is the name of the role that an operation stands for. No object has such a name.
func roleOf(operation string) string {
	return "the creator of " + operation
}

func (o Owners) put(operation, creator string) {
	if creator == "" {
		return
	}
	role := roleOf(operation)
	o.Book.Put(o.Hub, rights.ClusterRole, &rights.Object{Name: role, Rules: []rbacv1.PolicyRule{{
		Verbs: []string{"get"}, APIGroups: []string{fleetv1.GroupVersion.Group}, Resources: []string{Type.Plural}, ResourceNames: []string{operation},
	}}})
	o.Book.Put(o.Hub, rights.ClusterRoleBinding, &rights.Object{
		Name: role, RoleRef: &rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: role},
		Subjects: []rbacv1.Subject{{APIGroup: rbacv1.GroupName, Kind: rbacv1.UserKind, Name: creator}},
	})
}

func (o Owners) remove(operation string) {
	o.Book.Remove(o.Hub, rights.ClusterRoleBinding, "", roleOf(operation))
	o.Book.Remove(o.Hub, rights.ClusterRole, "", roleOf(operation))
}
