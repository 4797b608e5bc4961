package index

import (
	"crypto/sha256"
	"fmt"
)

// keeping is how a type's parts are kept.
type keeping int

const (
	// whole is for types without Join: their one part lies in the row, and whoever watches them reads it.
	whole keeping = iota
	// marked is for rows of one part: the row says all that came of it, so that a mark is enough to know it again.
	marked
	// several is for rows of several parts: when one changes, the others are needed. They lie at the end of the row.
	several
)

func (t *Type) keeping() keeping {
	switch {
	case t.Join == nil:
		return whole
	case len(t.Sources) == 1:
		return marked
	default:
		return several
	}
}

// mark knows a part again.
func mark(part []byte) []byte {
	sum := sha256.Sum256(part)
	return sum[:16]
}

// partColumn is the column of the part of one source, or of its mark.
func (t *Type) partColumn(source int) string {
	if t.keeping() != several {
		return "part"
	}
	return fmt.Sprintf("part_%d", source)
}

// partColumns are the columns of a row for its parts.
func (t *Type) partColumns() (names []string) {
	for source := range t.Sources {
		names = append(names, t.partColumn(source))
	}
	if t.keeping() == marked {
		names = append(names, "part_size")
	}
	return names
}

// partDefinition is those columns in CREATE TABLE.
func (t *Type) partDefinition() (text string) {
	for source := range t.Sources {
		text += ",\n  " + t.partColumn(source) + " BLOB"
	}
	if t.keeping() == marked {
		text += ", part_size INTEGER NOT NULL"
	}
	return text
}

// kept are the values of partColumns.
func (t *Type) kept(parts [][]byte) (values []any) {
	if t.keeping() == marked {
		return []any{mark(parts[0]), len(parts[0])}
	}
	for _, part := range parts {
		if part == nil {
			values = append(values, nil)
			continue
		}
		values = append(values, part)
	}
	return values
}
