package uiplugin

import (
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
)

func TestReadPackage(t *testing.T) {
	cases := map[string]struct {
		reason, content string
		want            Entry
		fails           bool
	}{
		"Good": {
			"an extension for Rancher 2.10 and later", `{"name":"croft","version":"0.1.0","rancher":{"annotations":{"a":"b"}}}`,
			Entry{Name: "croft", Version: "0.1.0", Metadata: map[string]string{"a": "b"}}, false,
		},
		"Plain":     {"an extension without annotations", `{"name":"croft","version":"0.1.0"}`, Entry{Name: "croft", Version: "0.1.0", Metadata: map[string]string{}}, false},
		"NoVersion": {"an extension without a version", `{"name":"croft"}`, Entry{}, true},
		"NotJSON":   {"not JSON", `x`, Entry{}, true},
	}

	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got, err := ReadPackage(fstest.MapFS{"package.json": {Data: []byte(tc.content)}})
			if (err != nil) != tc.fails {
				t.Fatalf("%s: got error %v", tc.reason, err)
			}

			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("%s (-want, +got):\n%s", tc.reason, diff)
			}
		})
	}

	if _, err := ReadPackage(fstest.MapFS{}); err == nil {
		t.Error("a folder without package.json is no extension")
	}
}

func TestBuiltinWins(t *testing.T) {
	server := &Server{}
	server.put(source{entry: Entry{Name: "croft", Version: "2"}, builtin: true})
	server.put(source{entry: Entry{Name: "croft", Version: "1"}})

	if got := server.sources["croft"].entry.Version; got != "2" {
		t.Errorf("what came with the server wins, got %s", got)
	}

	server.drop("croft")

	if _, ok := server.sources["croft"]; !ok {
		t.Error("an object that goes must not take away what came with the server")
	}
}
