package controlplane

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"sigs.k8s.io/yaml"
)

// The version of Longhorn whose kinds a site is tested with, and the sum of its module. Nothing of it is compiled.
const (
	longhornModule = "github.com/longhorn/longhorn-manager"
	longhornAt     = "v1.10.0"
	longhornSum    = "h1:Sod6dxBLu9JD/f2Ff59i6SAAc76/OaNdJab7UOpKRig="
)

// Longhorn is the definition of one of Longhorn's kinds by its plural, such as backingimages, as Longhorn's own chart
// brings it.
func Longhorn(plural string) (*apiextensionsv1.CustomResourceDefinition, error) {
	folder, err := longhornFolder()
	if err != nil {
		return nil, err
	}
	all, err := os.ReadFile(filepath.Join(folder, "k8s", "crds.yaml"))
	if err != nil {
		return nil, fmt.Errorf("read Longhorn's definitions: %w", err)
	}
	for text := range strings.SplitSeq(string(all), "\n---\n") {
		if !strings.Contains(text, "\n  name: "+plural+".longhorn.io\n") {
			continue
		}
		// A chart's template writes the labels, which nobody asks for here.
		lines := slices.DeleteFunc(strings.Split(text, "\n"), func(line string) bool { return strings.Contains(line, "{{") })
		lines = slices.DeleteFunc(lines, func(line string) bool { return line == `    longhorn-manager: ""` })
		definition := &apiextensionsv1.CustomResourceDefinition{}
		if err := yaml.Unmarshal([]byte(strings.Join(lines, "\n")), definition); err != nil {
			return nil, fmt.Errorf("read the definition of Longhorn's %s: %w", plural, err)
		}
		return definition, nil
	}
	return nil, fmt.Errorf("Longhorn %s has no definition of %s", longhornAt, plural)
}

// longhornFolder is where Go keeps Longhorn's module, which it fetches once.
func longhornFolder() (string, error) {
	out, err := exec.Command("go", "mod", "download", "-json", longhornModule+"@"+longhornAt).Output()
	var module struct{ Dir, Sum, Error string }
	if problem := json.Unmarshal(out, &module); problem != nil {
		return "", fmt.Errorf("fetch Longhorn's definitions: %w", errors.Join(err, problem))
	}
	if module.Error != "" {
		return "", fmt.Errorf("fetch Longhorn's definitions: %s", module.Error)
	}
	if module.Sum != longhornSum {
		return "", fmt.Errorf("Longhorn's module has the sum %s, and not %s", module.Sum, longhornSum)
	}
	return module.Dir, nil
}
