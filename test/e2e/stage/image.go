package stage

import (
	"fmt"
	"testing"
	"time"
)

// Tiny is the file of the guest that `make guests` builds.
const Tiny = "croft-tiny.qcow2"

// imageType is the collection of images in Steve's words.
const imageType = "harvesterhci.io.virtualmachineimages"

// Image is what tests read of an image.
type Image struct {
	Status struct {
		Progress         int
		Size             int64
		VirtualSize      int64
		StorageClassName string
		Failed           int
		Conditions       []Condition
	}
}

// Condition is one of an object's conditions.
type Condition struct{ Type, Status, Reason, Message string }

// Held answers the condition of a type, zero when there is none.
func Held(conditions []Condition, kind string) Condition {
	for _, c := range conditions {
		if c.Type == kind {
			return c
		}
	}
	return Condition{}
}

// OfSite is a path of a site's Harvester API, through the hub.
func OfSite(id, path string) string {
	return "/k8s/clusters/" + id + "/v1/harvester/" + path
}

// MakeImage asks a site for an image of a URL.
func (s *Stage) MakeImage(t testing.TB, site, name, url string, more map[string]any) {
	t.Helper()
	spec := map[string]any{"displayName": name, "sourceType": "download", "url": url, "backend": "cdi", "retry": 1}
	for key, value := range more {
		spec[key] = value
	}
	s.Admin.Must(t, "POST", OfSite(site, imageType), map[string]any{
		"type": "harvesterhci.io.virtualmachineimage", "apiVersion": "harvesterhci.io/v1beta1", "kind": "VirtualMachineImage",
		"metadata": map[string]any{"name": name, "namespace": "default"},
		"spec":     spec,
	}, nil)
}

// Image reads an image of a site.
func (s *Stage) Image(t testing.TB, site, name string) Image {
	t.Helper()
	var image Image
	s.Admin.Must(t, "GET", OfSite(site, imageType+"/default/"+name), nil, &image)
	return image
}

// TinyImage makes sure that a site has the tiny guest's image, imported.
func (s *Stage) TinyImage(t testing.TB, site string) string {
	t.Helper()
	const name = "tiny"
	code, _, err := s.Admin.Try("GET", OfSite(site, imageType+"/default/"+name), nil)
	if err != nil {
		t.Fatal(err)
	}
	if code == 404 {
		s.MakeImage(t, site, name, s.Images+"/"+Tiny, nil)
	}
	s.Imported(t, site, name)
	return "default/" + name
}

// Imported waits until a site has all bytes of an image.
func (s *Stage) Imported(t testing.TB, site, name string) {
	t.Helper()
	Eventually(t, "image "+name, 3*time.Minute, func() error {
		image := s.Image(t, site, name)
		if c := Held(image.Status.Conditions, "Imported"); c.Status != "True" {
			return fmt.Errorf("imported %d %%: %+v", image.Status.Progress, image.Status.Conditions)
		}
		return nil
	})
}
