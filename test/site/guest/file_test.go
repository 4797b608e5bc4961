package guest

import (
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/kdomanski/iso9660"
)

func TestCloudInitISO(t *testing.T) {
	path := filepath.Join(t.TempDir(), "seed.img")
	data := CloudInit{UserData: []byte("#cloud-config\n"), MetaData: []byte(`{"instance-id":"a"}`), NetworkData: []byte("version: 2\n")}
	if err := data.WriteISO(path); err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	image, err := iso9660.OpenImage(f)
	if err != nil {
		t.Fatal(err)
	}
	label, err := image.Label()
	if err != nil || label != "CIDATA" {
		t.Errorf("label %q, %v; cloud-init looks for CIDATA", label, err)
	}
	root, err := image.RootDir()
	if err != nil {
		t.Fatal(err)
	}
	children, err := root.GetChildren()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, child := range children {
		content, err := io.ReadAll(child.Reader())
		if err != nil {
			t.Fatal(err)
		}
		got[child.Name()] = string(content)
	}
	want := map[string]string{"user-data": "#cloud-config\n", "meta-data": `{"instance-id":"a"}`, "network-config": "version: 2\n"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
}

func TestBootable(t *testing.T) {
	write := func(at int64, data string) string {
		path := filepath.Join(t.TempDir(), "disk.img")
		f, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		if err := f.Truncate(1 << 20); err != nil {
			t.Fatal(err)
		}
		if _, err := f.WriteAt([]byte(data), at); err != nil {
			t.Fatal(err)
		}
		return path
	}
	for reason, test := range map[string]struct {
		path string
		want bool
	}{
		"a boot sector":              {write(510, "\x55\xaa"), true},
		"an El Torito CD-ROM":        {write(17*2048, "\x00CD001\x01EL TORITO SPECIFICATION"), true},
		"a blank disk":               {write(0, ""), false},
		"a data CD-ROM":              {write(16*2048, "\x01CD001\x01"), false},
		"a file that is not there":   {filepath.Join(t.TempDir(), "none"), false},
		"a signature somewhere else": {write(512, "\x55\xaa"), false},
	} {
		if got := Bootable(test.path); got != test.want {
			t.Errorf("%s: bootable is %v", reason, got)
		}
	}
}
