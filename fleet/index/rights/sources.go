package rights

import (
	"context"

	rbacv1 "k8s.io/api/rbac/v1"

	"crofthci.io/croft/fleet/index"
)

// kinds are the RBAC objects that are watched at every site and in the hub.
var kinds = map[string]Kind{
	"role":               Role,
	"clusterrole":        ClusterRole,
	"rolebinding":        RoleBinding,
	"clusterrolebinding": ClusterRoleBinding,
}

// Types are the RBAC objects as types of the index: kept, so that rights are known after a restart also of sites that
// are away, and not served.
func Types() []*index.Type {
	return []*index.Type{kept("clusterrole"), kept("role"), kept("clusterrolebinding"), kept("rolebinding")}
}

func kept(singular string) *index.Type {
	return &index.Type{
		Name: singular, Plural: singular + "s", Hidden: true,
		Sources: []index.Source{{Resource: rbacv1.SchemeGroupVersion.WithResource(singular + "s"), Trim: Trim}},
	}
}

// Load reads into the book what the index has kept.
func (b *Book) Load(ctx context.Context, from *index.Index) error {
	for _, t := range from.Types() {
		kind, ok := kinds[t.Name]
		if !ok {
			continue
		}
		err := from.Parts(ctx, t, func(key index.Key, part []byte) error {
			object, err := Decode(part, key.Namespace, key.Name)
			if err != nil {
				return err
			}
			b.Put(key.Site, kind, object)
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// Event brings the book up to date with a change of the index, and says whether it was one that concerns rights.
func (b *Book) Event(event index.Event) (bool, error) {
	if event.Type == index.RebuiltType {
		b.reset()
		return true, nil
	}
	if event.Type == index.FreshnessType && event.Removed {
		b.Forget(event.Key.Site)
		return true, nil
	}
	kind, ok := kinds[event.Type]
	if !ok {
		return false, nil
	}
	if event.Removed {
		b.Remove(event.Key.Site, kind, event.Key.Namespace, event.Key.Name)
		return true, nil
	}
	object, err := Decode(event.Parts[0], event.Key.Namespace, event.Key.Name)
	if err != nil {
		return false, err
	}
	b.Put(event.Key.Site, kind, object)
	return true, nil
}
