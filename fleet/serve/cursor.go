package serve

import (
	"fmt"
	"net/url"
	"strconv"
	"strings"

	"crofthci.io/croft/fleet/index"
)

// Cursor is how far a client has come: the last change of which it knows everything, and a print of what was shown to it
// and of what it asked, and whose numbers these are. Where the print is another, changes alone do not lead from what it
// knows to what there is.
type Cursor struct {
	// Revision is the number of the change.
	Revision int64
	// Print is of view.print; 0 is that of no view, with which nothing is compared.
	Print uint64
	// Index is the ID of the index that has numbered the changes. Another replica of the hub has another, and so has an index
	// that was begun anew; without it there is only a revision, which says nothing of whose it is.
	Index string
}

// String is the cursor as it stands in messages. The first half is a revision as in lists.
func (c Cursor) String() string {
	return strconv.FormatInt(c.Revision, 10) + "." + strconv.FormatUint(c.Print, 36) + "." + c.Index
}

// ParseCursor reads a cursor, or the revision of a list.
func ParseCursor(text string) (Cursor, error) {
	number, rest, divided := strings.Cut(text, ".")
	mark, id, _ := strings.Cut(rest, ".")
	revision, err := strconv.ParseInt(number, 10, 64)
	cursor := Cursor{Revision: revision, Index: id}
	if err == nil && divided {
		cursor.Print, err = strconv.ParseUint(mark, 36, 64)
	}
	if err != nil {
		return Cursor{}, &index.FieldError{Field: "cursor", Message: fmt.Sprintf("%q is none; list again and take the one of the list", index.Short(text))}
	}
	return cursor, nil
}

// printed are the parameters of a query that say which rows there are, whatever their order and page.
var printed = []string{"filter", "search", "site", "projectsornamespaces", "projectsornamespaces!"}

// print is of everything besides the rows themselves that decides what a client is shown: what it asks, its rights, and
// how fresh the sites are.
func (v *view) print(asked url.Values) uint64 {
	sum := printer(fnvOffset)
	for _, name := range printed {
		sum.say(name)
		for _, value := range asked[name] {
			if value != "" {
				sum.say("=", value)
			}
		}
	}
	for _, site := range v.sites {
		sum.say("site", site.ID, site.Name, strconv.FormatBool(site.Stale()))
	}
	sum.sayScope(v.query.Scope)
	for _, guard := range v.guarded {
		sum.say("guard")
		sum.sayScope(guard)
	}
	return max(1, uint64(sum))
}

// printer adds words up, by FNV-1a. It takes no memory, because a scope may have thousands of words and every list is
// printed.
type printer uint64

const (
	fnvOffset = 14695981039346656037
	fnvPrime  = 1099511628211
)

// say adds words, each with its end.
func (p *printer) say(words ...string) {
	sum := uint64(*p)
	for _, word := range words {
		for i := range len(word) {
			sum = (sum ^ uint64(word[i])) * fnvPrime
		}
		sum = (sum ^ 0xff) * fnvPrime // no text has this byte
	}
	*p = printer(sum)
}

func (p *printer) sayScope(scope index.Scope) {
	p.say("sites")
	p.say(scope.Sites...)
	p.say("namespaces")
	for i := range scope.Namespaces {
		p.say(scope.Namespaces[i][:]...)
	}
	p.say("names")
	for i := range scope.Names {
		p.say(scope.Names[i][:]...)
	}
	p.say("anywhere")
	for i := range scope.Anywhere {
		p.say(scope.Anywhere[i][:]...)
	}
}
