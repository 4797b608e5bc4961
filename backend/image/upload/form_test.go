package upload

import (
	"io"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"crofthci.io/croft/backend/capability"
)

func TestSizeOf(t *testing.T) {
	cases := map[string]struct {
		reason string
		sizes  []string
		want   int64
		err    string
	}{
		"Given":   {"a number of bytes", []string{"2147483648"}, 2 << 30, ""},
		"Missing": {"a volume cannot be made without", nil, 0, "size is needed: ?action=upload&size=<bytes of the file>."},
		"Empty":   {"nor with an empty one", []string{""}, 0, "size is needed: ?action=upload&size=<bytes of the file>."},
		"Words":   {"a unit is no number", []string{"2Gi"}, 0, `size must be the number of bytes of the file, not "2Gi".`},
		"None":    {"no bytes are no image", []string{"0"}, 0, `size must be the number of bytes of the file, not "0".`},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			got, err := sizeOf(capability.Options{"size": tc.sizes})
			if says := said(err); says != tc.err || got != tc.want {
				t.Errorf("%s: want %d and %q, got %d and %q", tc.reason, tc.want, tc.err, got, says)
			}
		})
	}
}

func TestOpen(t *testing.T) {
	form := func(parts ...string) string {
		return strings.ReplaceAll(strings.Join(parts, "")+"--edge--\n", "\n", "\r\n")
	}
	part := func(name, content string) string {
		return "--edge\nContent-Disposition: form-data; name=\"" + name + "\"; filename=\"disk\"\n\n" + content + "\n"
	}
	const multipart = "multipart/form-data; boundary=edge"
	cases := map[string]struct {
		reason string
		kind   string
		body   string
		want   string
		err    string
	}{
		"Chunk":  {"the file is the field chunk", multipart, form(part("chunk", "bytes")), "bytes", ""},
		"Others": {"other fields before it are passed over", multipart, form(part("name", "x"), part("chunk", "bytes"), part("more", "y")), "bytes", ""},
		"None":   {"a form without it has no file", multipart, form(part("file", "bytes")), "", "The form has no field chunk."},
		"Broken": {"nor has one that breaks off before it", multipart, "--edge\r\nContent-Disposition: form-data", "", "The form has no field chunk."},
		"Bare":   {"curl -T sends the file as it is", "application/octet-stream", "bytes", "bytes", ""},
		"Mute":   {"also without a type", "", "bytes", "bytes", ""},
		"JSON":   {"an input of another action is no disk", "application/json", "{}", "", "The file must be the field chunk of a multipart form, or the body as application/octet-stream, not application/json."},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			from, err := open(capability.Body{ContentType: tc.kind, Reader: strings.NewReader(tc.body)})
			if diff := cmp.Diff(tc.err, said(err)); diff != "" {
				t.Errorf("%s: error: -want +got:\n%s", tc.reason, diff)
			}
			if err != nil {
				return
			}
			got, err := io.ReadAll(from)
			if diff := cmp.Diff(tc.want, string(got)); diff != "" || err != nil {
				t.Errorf("%s: %v: -want +got:\n%s", tc.reason, err, diff)
			}
		})
	}
}

func said(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}
