package collect

import (
	"bytes"
	"encoding/json"
	"testing"
)

func TestMember(t *testing.T) {
	cases := map[string]struct{ reason, object, want string }{
		"First":    {"the first", `{"metadata":{"name":"a"},"spec":{}}`, `{"name":"a"}`},
		"Last":     {"the last", `{"spec":{"metadata":{"name":"b"}},"metadata":{"name":"a"}}`, `{"name":"a"}`},
		"Within":   {"not one that lies in another", `{"spec":{"metadata":{"name":"b"}}}`, ``},
		"Text":     {"nor one in a text", `{"spec":"\"metadata\":{","x":["}",{"y":"]"}],"metadata":{"name":"a\\"}}`, `{"name":"a\\"}`},
		"Blank":    {"blanks between", " {\n\t\"kind\" : 1 ,\r\n \"metadata\" : { \"name\" : \"a\" } } ", `{ "name" : "a" }`},
		"Values":   {"numbers and words before", `{"a":-1.5e3,"b":true,"c":null,"d":[],"metadata":{}}`, `{}`},
		"Number":   {"what is no object", `{"metadata":7}`, `7`},
		"Twice":    {"of two the last, as package json has it", `{"metadata":{"name":"a"},"metadata":{"name":"b"}}`, `{"name":"b"}`},
		"None":     {"none", `{}`, ``},
		"NoObject": {"no object", `["metadata"]`, ``},
		"Nothing":  {"nothing", ``, ``},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if got := string(member([]byte(tc.object), "metadata")); got != tc.want {
				t.Errorf("%s: %q, not %q", tc.reason, got, tc.want)
			}
		})
	}
}

// FuzzMember holds that of JSON it finds what package json finds, and that nothing else breaks it.
func FuzzMember(f *testing.F) {
	for _, text := range []string{`{"a":{"b":"c"}}`, `{"a":"\\\"}"}`, `{"b":[{"a":1}],"a":[1,2]}`, `{"a"`, `{"a":`, `{"a":"`, `{"a":1,`, `{"`, `{"b":2 , "a":1 }`} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, object []byte) {
		got := member(object, "a")
		var fields map[string]json.RawMessage
		if json.Unmarshal(object, &fields) != nil || bytes.Contains(object, []byte(`\u`)) {
			return // it is no object, or a name may be written with escapes, which no API server does
		}
		if string(bytes.TrimSpace(got)) != string(fields["a"]) {
			t.Fatalf("%q of %q, not %q", got, object, fields["a"])
		}
	})
}
