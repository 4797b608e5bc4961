package entrust

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func TestKept(t *testing.T) {
	old := map[string][]byte{keyID: []byte("me"), keySecret: []byte("hidden"), keyEndpoint: []byte("https://a"), keyCert: []byte("PEM"), keyHosted: []byte("true")}
	cases := map[string]struct {
		reason, value string
		before, want  map[string][]byte
	}{
		"First": {"who names a target gives the keys with it", `{"type":"s3","accessKeyId":"me","secretAccessKey":"hidden"}`, nil,
			map[string][]byte{keyID: []byte("me"), keySecret: []byte("hidden"), keyHosted: []byte("false")}},
		"Blank": {"the keys are blank once they were moved, and stay", `{"type":"s3","endpoint":"https://b","accessKeyId":"","secretAccessKey":""}`, old,
			map[string][]byte{keyID: []byte("me"), keySecret: []byte("hidden"), keyEndpoint: []byte("https://b"), keyHosted: []byte("false")}},
		"One":  {"a key is replaced alone", `{"type":"s3","secretAccessKey":"another"}`, old, map[string][]byte{keyID: []byte("me"), keySecret: []byte("another"), keyHosted: []byte("false")}},
		"NFS":  {"a share needs none", `{"type":"nfs","endpoint":"nfs://a:/b"}`, old, nil},
		"None": {"nor does no target", "", old, nil},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			read, err := parse(tc.value)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tc.want, read.kept(tc.before), cmpopts.EquateEmpty()); diff != "" {
				t.Errorf("%s: -want +got:\n%s", tc.reason, diff)
			}
		})
	}
}

func TestBlanked(t *testing.T) {
	cases := map[string]struct{ reason, value, want string }{
		"Both":    {"what is not known here stays", `{"type":"s3","accessKeyId":"me","secretAccessKey":"hidden","more":[1]}`, `{"accessKeyId":"","more":[1],"secretAccessKey":"","type":"s3"}`},
		"One":     {"one of them is enough", `{"secretAccessKey":"hidden"}`, `{"secretAccessKey":""}`},
		"Spelt":   {"Go reads it so, too", `{"SecretAccessKey":"hidden"}`, `{"SecretAccessKey":""}`},
		"Blank":   {"what has none stays as a person has written it", `{ "type": "s3", "accessKeyId": "" }`, `{ "type": "s3", "accessKeyId": "" }`},
		"Nothing": {"also nothing", "", ""},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if got, err := blanked(tc.value); err != nil || got != tc.want {
				t.Errorf("%s: got %s, %v", tc.reason, got, err)
			}
		})
	}
}
