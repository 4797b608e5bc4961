package index

import (
	"context"
	"fmt"
)

// Keys are the addresses of the objects of a source that the index holds for a site, with the sizes of their parts. A list
// is compared with them to find what has gone meanwhile.
func (x *Index) Keys(ctx context.Context, site string, t *Type, source int) (map[Key]int, error) {
	x.door.RLock()
	defer x.door.RUnlock()
	size := "length(" + t.partColumn(source) + ")"
	if t.keeping() == marked {
		size = "part_size"
	}
	query := "SELECT namespace, name, " + size + " FROM " + t.table() + " WHERE site = ? AND " + t.partColumn(source) + " IS NOT NULL" +
		" UNION ALL SELECT namespace, name, length(part) FROM waiting WHERE type = ? AND site = ? AND source = ?"
	rows, err := x.read.QueryContext(ctx, query, site, t.Name, site, source)
	if err != nil {
		return nil, fmt.Errorf("read the keys of %s at %s: %w", t.Sources[source].Name(), site, err)
	}
	defer rows.Close()
	keys := map[Key]int{}
	for rows.Next() {
		key, size := Key{Site: site}, 0
		if err := rows.Scan(&key.Namespace, &key.Name, &size); err != nil {
			return nil, fmt.Errorf("read the keys of %s at %s: %w", t.Sources[source].Name(), site, err)
		}
		keys[key] = size
	}
	return keys, rows.Err()
}

// Parts reads the part of every object of a type without Join, at every site. Rights are loaded with it at the start.
func (x *Index) Parts(ctx context.Context, t *Type, visit func(Key, []byte) error) error {
	x.door.RLock()
	defer x.door.RUnlock()
	rows, err := x.read.QueryContext(ctx, "SELECT site, namespace, name, part FROM "+t.table())
	if err != nil {
		return fmt.Errorf("read all of %s: %w", t.Name, err)
	}
	defer rows.Close()
	for rows.Next() {
		var key Key
		var part []byte
		if err := rows.Scan(&key.Site, &key.Namespace, &key.Name, &part); err != nil {
			return fmt.Errorf("read all of %s: %w", t.Name, err)
		}
		if err := visit(key, part); err != nil {
			return err
		}
	}
	return rows.Err()
}
