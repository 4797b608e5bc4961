package virtualmachine

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"crofthci.io/croft/test/e2e/stage"
)

// castsMold makes a template of a guest with its data, and reads the guest's file in a machine that starts from it. CDI
// copies a claim only when no machine uses it, so the guest is shut down.
func castsMold(t *testing.T, s *stage.Stage, id, name string, key stage.Key) {
	t.Helper()
	const mold, cast = "mold-with-data", "cast"
	s.Do(t, id, namespace, name, "createTemplate", map[string]any{"name": mold, "withData": true})
	template := stage.OfSite(id, "harvesterhci.io.virtualmachinetemplates/"+namespace+"/"+mold)
	stage.Eventually(t, "its version says what it waits for", time.Minute, func() error {
		said := s.Kubectl(t, first, "", "get", "vmtemplateversions", "-o", `jsonpath={.items[?(@.spec.templateId=="`+namespace+`/`+mold+`")].status.conditions[?(@.type=="ready")].message}`)
		if !strings.Contains(said, "virtual machine "+name+" runs with it") {
			return errors.New(said)
		}
		return nil
	})
	s.Do(t, id, namespace, name, "stop", nil)
	image := ""
	stage.Eventually(t, "the template is ready", 3*time.Minute, func() error {
		var found struct {
			Spec struct{ DefaultVersionID string }
		}
		s.Admin.Must(t, "GET", template, nil, &found)
		if found.Spec.DefaultVersionID == "" {
			return errors.New("it has no default")
		}
		var err error
		image, err = moldImage(t, s, id, found.Spec.DefaultVersionID)
		return err
	})
	s.Admin.MakeMachine(t, id, stage.Guest(namespace, cast, image, key))
	address := s.Address(t, id, namespace, cast)
	if got := key.Run(t, address, "cat /home/croft/note"); got != "from the original" {
		t.Errorf("a machine of the template has the file: %q", got)
	}
	s.Delete(t, stage.MachinePath(id, namespace, cast)+"?removedDisks="+cast+"-disk-0")
	s.Delete(t, template)
	stage.Eventually(t, "its image can go", 2*time.Minute, func() error {
		code, answer, err := s.Admin.Try("DELETE", stage.OfSite(id, "harvesterhci.io.virtualmachineimages/"+image), nil)
		if err == nil && code >= http.StatusMultipleChoices && code != http.StatusNotFound {
			err = fmt.Errorf("%d %s", code, answer)
		}
		return err
	})
}

// moldImage is the image that the disk of a version starts from, an error as long as the version is not ready.
func moldImage(t *testing.T, s *stage.Stage, id, version string) (string, error) {
	t.Helper()
	var found struct {
		Spec struct {
			VM struct {
				Metadata struct{ Annotations map[string]string }
			}
		}
		Status struct{ Conditions []stage.Condition }
	}
	s.Admin.Must(t, "GET", stage.OfSite(id, "harvesterhci.io.virtualmachinetemplateversions/"+version), nil, &found)
	if c := stage.Held(found.Status.Conditions, "ready"); c.Status != "True" {
		return "", fmt.Errorf("it is %+v", found.Status.Conditions)
	}
	var claims []struct {
		Metadata struct{ Annotations map[string]string }
	}
	text := found.Spec.VM.Metadata.Annotations["harvesterhci.io/volumeClaimTemplates"]
	if err := json.Unmarshal([]byte(text), &claims); err != nil || len(claims) != 1 {
		t.Fatalf("the disks of version %s: %q, %v", version, text, err)
	}
	return claims[0].Metadata.Annotations["harvesterhci.io/imageId"], nil
}
