package virtualmachine

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"crofthci.io/croft/test/e2e/stage"
)

// TestAWalkOverThePages makes an image, a key, a machine, a volume for it and a clone of it with nothing but the pages,
// and looks at the site for what came of it.
func TestAWalkOverThePages(t *testing.T) {
	s := stage.Open(t)
	const site, name = "site-1", "walk"
	id := s.Site(t, site)
	var made struct{ File, Volume, Clone string }
	s.Browse(t, &made, map[string]string{
		"CROFT_SITE": site, "CROFT_SITE_ID": id, "CROFT_NAME": name, "CROFT_IMAGE_URL": s.Images + "/" + stage.Tiny,
	}, "walk.mjs")
	if made.File != name+"-key.pem" {
		t.Errorf("the private key was downloaded as %q", made.File)
	}

	s.Admin.Must(t, "GET", stage.OfSite(id, "harvesterhci.io.keypairs/"+namespace+"/"+name+"-key"), nil, nil)
	stage.Eventually(t, "the volume is in the machine", time.Minute, func() error {
		return plugged(s, id, name, made.Volume)
	})
	s.Admin.Must(t, "GET", stage.MachinePath(id, namespace, made.Clone), nil, nil)
}

// plugged is an error unless a machine has a claim among its volumes.
func plugged(s *stage.Stage, id, name, claim string) error {
	code, answer, err := s.Admin.Try("GET", stage.MachinePath(id, namespace, name), nil)
	if err != nil || code != 200 {
		return fmt.Errorf("%d %s: %w", code, answer, err)
	}
	var machine struct {
		Spec struct {
			Template struct {
				Spec struct {
					Volumes []struct {
						PersistentVolumeClaim struct{ ClaimName string }
					}
				}
			}
		}
	}
	if err := json.Unmarshal(answer, &machine); err != nil {
		return err
	}
	for _, volume := range machine.Spec.Template.Spec.Volumes {
		if volume.PersistentVolumeClaim.ClaimName == claim {
			return nil
		}
	}
	return fmt.Errorf("%s is not among %+v", claim, machine.Spec.Template.Spec.Volumes)
}
