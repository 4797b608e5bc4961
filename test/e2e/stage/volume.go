package stage

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"
)

// claimType is the collection of volumes in Steve's words.
const claimType = "persistentvolumeclaims"

// Driver is the CSI driver of the sandbox's sites.
const Driver = "csi.site.crofthci.io"

// LetGrow has the volumes of a site grow while machines run with them, as an administrator says so of a driver that can.
func (s *Stage) LetGrow(t testing.TB, site string) {
	t.Helper()
	s.Kubectl(t, site, "", "patch", "settings.harvesterhci.io", "csi-online-expand-validation", "--type=merge",
		"-p", `{"value": "{\"`+Driver+`\": true}"}`)
}

// VolumePath is a volume's path through the hub.
func VolumePath(site, namespace, name string) string {
	return OfSite(site, claimType+"/"+namespace+"/"+name)
}

// Volume is a volume as its site shows it.
type Volume struct {
	Actions     map[string]string
	Unavailable map[string]string
	Metadata    struct {
		State struct{ Name, Message string }
	}
	Spec   struct{ VolumeName, StorageClassName string }
	Status struct{ Phase string }
}

// MakeVolume creates a volume at a site, from an image unless that is "".
func (c *Client) MakeVolume(t testing.TB, site, namespace, name, image, size string) {
	t.Helper()
	metadata := map[string]any{"namespace": namespace, "name": name}
	if image != "" {
		metadata["annotations"] = map[string]any{"harvesterhci.io/imageId": image}
	}
	c.Must(t, "POST", OfSite(site, claimType), map[string]any{
		"type": "persistentvolumeclaim", "apiVersion": "v1", "kind": "PersistentVolumeClaim",
		"metadata": metadata,
		"spec": map[string]any{
			"accessModes": []string{"ReadWriteMany"}, "volumeMode": "Block",
			"resources": map[string]any{"requests": map[string]any{"storage": size}},
		},
	}, nil)
}

// WaitVolume waits until a volume, or another object of a type, is in a state.
func (s *Stage) WaitVolume(t testing.TB, path, want string) Volume {
	t.Helper()
	var found Volume
	Eventually(t, path+" "+want, 3*time.Minute, func() error {
		code, answer, err := s.Admin.Try("GET", path, nil)
		if err != nil {
			return err
		}
		if code != 200 {
			return fmt.Errorf("%d %s", code, answer)
		}
		found = Volume{}
		if err := json.Unmarshal(answer, &found); err != nil {
			return err
		}
		if !strings.EqualFold(found.Metadata.State.Name, want) { // Steve writes states in lower case
			return fmt.Errorf("it is %+v", found.Metadata.State)
		}
		return nil
	})
	return found
}
