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
		"Blank": {"the keys are blank once they were moved, and stay", `{"type":"s3","endpoint":"https://a","accessKeyId":"","secretAccessKey":""}`, old,
			map[string][]byte{keyID: []byte("me"), keySecret: []byte("hidden"), keyEndpoint: []byte("https://a"), keyHosted: []byte("false")}},
		"One": {"a key is replaced alone", `{"type":"s3","endpoint":"https://a","secretAccessKey":"another"}`, old,
			map[string][]byte{keyID: []byte("me"), keySecret: []byte("another"), keyEndpoint: []byte("https://a"), keyHosted: []byte("false")}},
		"Moved": {"another server is not told the keys of this one", `{"type":"s3","endpoint":"https://b","secretAccessKey":"another"}`, old,
			map[string][]byte{keySecret: []byte("another"), keyEndpoint: []byte("https://b"), keyHosted: []byte("false")}},
		"Amazon": {"nor is the one that needs no address", `{"type":"s3"}`, old, map[string][]byte{keyHosted: []byte("false")}},
		"NFS":    {"a share needs none", `{"type":"nfs","endpoint":"nfs://a:/b"}`, old, nil},
		"None":   {"nor does no target", "", old, nil},
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

func TestMissing(t *testing.T) {
	kept := map[string][]byte{keyID: []byte("me"), keySecret: []byte("hidden"), keyEndpoint: []byte("https://a")}
	cases := map[string]struct {
		reason, value string
		data          map[string][]byte
		want          bool
	}{
		"Same":    {"the secret has them", `{"type":"s3","endpoint":"https://a","bucketName":"other"}`, kept, false},
		"Moved":   {"another server has keys of its own", `{"type":"s3","endpoint":"https://b"}`, kept, true},
		"Half":    {"both of them", `{"type":"s3","endpoint":"https://b","accessKeyId":"you"}`, kept, true},
		"Given":   {"which are there", `{"type":"s3","endpoint":"https://b","accessKeyId":"you","secretAccessKey":"known"}`, kept, false},
		"Amazon":  {"no address is another one, too", `{"type":"s3"}`, kept, true},
		"Share":   {"a share needs none", `{"type":"nfs","endpoint":"nfs://b:/c"}`, kept, false},
		"None":    {"nor does no target", "", kept, false},
		"Nothing": {"whoever has never given any gets in otherwise", `{"type":"s3","endpoint":"https://b"}`, map[string][]byte{keyEndpoint: []byte("https://a")}, false},
		"Wrong":   {"what cannot be read is refused by others", `{`, kept, false},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			of, missing := Missing(tc.value, tc.data)
			if missing != tc.want || missing && of != "https://a" {
				t.Errorf("%s: got %v of %s", tc.reason, missing, of)
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
