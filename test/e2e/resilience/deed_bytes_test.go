package resilience

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"testing"

	"crofthci.io/croft/test/e2e/stage"
)

// disk is what the deeds send and fetch: the bytes of a small raw disk.
var disk = bytes.Repeat([]byte("croft was here. "), 1<<16)

// serveDisk is the URL of a server that gives the disk away as long as the test runs.
func serveDisk(t *testing.T) string {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", fmt.Sprint(len(disk)))
		_, _ = w.Write(disk)
	}))
	t.Cleanup(server.Close)
	return server.URL
}

// image is an image as it is asked for.
func (d doer) imageOf(name string, spec map[string]any) map[string]any {
	spec["displayName"] = name
	return map[string]any{
		"apiVersion": "harvesterhci.io/v1beta1", "kind": "VirtualMachineImage", "type": "harvesterhci.io.virtualmachineimage",
		"metadata": map[string]any{"namespace": d.namespace, "name": name}, "spec": spec,
	}
}

// imported says whether all bytes of an image are there.
func imported(image map[string]any) bool {
	text, err := json.Marshal(image["status"])
	var status struct{ Conditions []stage.Condition }
	return err == nil && json.Unmarshal(text, &status) == nil && stage.Held(status.Conditions, "Imported").Status == "True"
}

// imageSent makes an image and sends its bytes.
func (d doer) imageSent(name string) error {
	return inTurn(
		func() error { return d.make(imageKind, d.imageOf(name, map[string]any{"sourceType": "upload"})) },
		func() error { return until(func() error { return d.send(name) }) },
		func() error { return d.becomes(imageKind, name, imported) },
		func() error { return d.remove(imageKind, name, "") },
	)
}

// send uploads the disk, unless an attempt before has done it.
func (d doer) send(name string) error {
	path := fmt.Sprintf("%s?action=upload&size=%d", d.path(imageKind, name), len(disk))
	response, err := d.Stream(context.Background(), http.MethodPost, path, "application/octet-stream", bytes.NewReader(disk))
	if err != nil {
		return err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode == http.StatusNoContent {
		return err
	}
	if d.look(d.path(imageKind, name), imported) == nil {
		return nil
	}
	return fmt.Errorf("send %s: %d %s", name, response.StatusCode, answer)
}

// imageBacked makes an image that Longhorn keeps.
func (d doer) imageBacked(name string) error {
	return inTurn(
		func() error {
			return d.make(imageKind, d.imageOf(name, map[string]any{
				"sourceType": "download", "url": d.files, "backend": "backingimage", "targetStorageClassName": "longhorn", "retry": 10,
			}))
		},
		func() error { return d.becomes(imageKind, name, imported) },
		func() error { return d.remove(imageKind, name, "") },
	)
}

// volumeExported makes an image of a volume, and deletes both.
func (d doer) volumeExported(name string) error {
	image := ""
	return inTurn(
		func() error { return d.volume(name) },
		func() error {
			return d.act(claimKind, name, "export", map[string]any{"displayName": name}, http.StatusConflict)
		},
		func() error {
			return until(func() error {
				var err error
				image, err = d.called(name)
				return err
			})
		},
		func() error { return d.becomes(imageKind, image, imported) },
		func() error { return d.remove(imageKind, image, "") },
		func() error { return d.remove(claimKind, name, "") },
	)
}

// called is the name of the image that people call something.
func (d doer) called(what string) (string, error) {
	code, answer, err := d.Try(http.MethodGet, stage.OfSite(d.site, imageKind+"/"+d.namespace), nil)
	if err != nil {
		return "", err
	}
	var list struct {
		Data []struct {
			Metadata struct{ Name string }
			Spec     struct{ DisplayName string }
		}
	}
	if err := json.Unmarshal(answer, &list); err != nil || code != http.StatusOK {
		return "", fmt.Errorf("images: %d %s", code, answer)
	}
	for _, image := range list.Data {
		if image.Spec.DisplayName == what {
			return image.Metadata.Name, nil
		}
	}
	return "", fmt.Errorf("no image is called %s", what)
}

// volumeMoved copies a volume to another class, and deletes both.
func (d doer) volumeMoved(name string) error {
	there := name + "-there"
	return inTurn(
		func() error { return d.volume(name) },
		func() error {
			return d.act(claimKind, name, "dataMigration", map[string]any{"targetVolumeName": there, "targetStorageClassName": "bulk"}, http.StatusConflict)
		},
		func() error { return d.becomes(claimKind, there, bound) },
		func() error { return d.remove(claimKind, name, "") },
		func() error { return d.remove(claimKind, there, "") },
	)
}
