package decode

import (
	"strings"
	"testing"
)

func TestTree(t *testing.T) {
	for name, c := range map[string]struct {
		reason, object, paths, cut, pick string
	}{
		"Field":     {"one of several", `{"a":1,"b":[1,{"c":2}],"d":"}"}`, "b", `{"a":1,"d":"}"}`, `{"b":[1,{"c":2}]}`},
		"Several":   {"all that are named", `{"a":1,"b":2,"c":3}`, "a,c", `{"b":2}`, `{"a":1,"c":3}`},
		"Inner":     {"in a field of a field", `{"a":{"b":{"c":1,"d":2}},"e":{}}`, "a.b.c", `{"a":{"b":{"d":2}},"e":{}}`, `{"a":{"b":{"c":1}}}`},
		"Whole":     {"what is meant as a whole stays so", `{"a":{"b":1,"c":2},"d":3}`, "a.b,a,a.c", `{"d":3}`, `{"a":{"b":1,"c":2}}`},
		"Absent":    {"what is not there", `{"a":1}`, "b,c.d", `{"a":1}`, `{}`},
		"Escaped":   {"a name that is written otherwise is the same name", `{"\u0061":1,"b":2}`, "a", `{"b":2}`, `{"\u0061":1}`},
		"Twice":     {"a name that stands there twice", `{"a":1,"b":2,"a":3}`, "a", `{"b":2}`, `{"a":1,"a":3}`},
		"Null":      {"nothing is in null", `{"a":null,"b":2}`, "a.b", `{"a":null,"b":2}`, `{"a":{}}`},
		"NoObject":  {"what is no object has no fields, and is not told", `{"a":"secret","b":2}`, "a.b", `{"a":{},"b":2}`, `{"a":{}}`},
		"Blanks":    {"blanks between", " { \"a\" : 1 , \"b\" : { } } ", "a", `{"b":{ }}`, `{"a":1}`},
		"Empty":     {"an object of nothing", `{}`, "a", `{}`, `{}`},
		"Broken":    {"of what cannot be read nothing is left", `{"b":1,"a":{`, "a", `{}`, `{}`},
		"NotOne":    {"nor of what is no object", `["b"]`, "a", `{}`, `{}`},
		"BadEscape": {"nor of a name that means nothing", `{"\ud8":1,"b":1}`, "a", `{}`, `{}`},
	} {
		t.Run(name, func(t *testing.T) {
			var tree Tree
			for path := range strings.SplitSeq(c.paths, ",") {
				tree = tree.With(strings.Split(path, "."))
			}
			if got := string(tree.Cut([]byte(c.object))); got != c.cut {
				t.Errorf("%s: cut leaves %s, want %s", c.reason, got, c.cut)
			}
			if got := string(tree.Pick([]byte(c.object))); got != c.pick {
				t.Errorf("%s: pick leaves %s, want %s", c.reason, got, c.pick)
			}
		})
	}
}
