package claim

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/kubevirt"
)

// With is a machine's annotation with one more claim template.
func With(vm *kubevirt.VirtualMachine, template Template) (string, error) {
	list, err := entriesOf(vm)
	if err != nil {
		return "", err
	}
	added, err := Text([]Template{template})
	if err != nil {
		return "", err
	}
	var more []map[string]any
	if err := json.Unmarshal([]byte(added), &more); err != nil {
		return "", fmt.Errorf("write claim template %s: %w", template.Name, err)
	}
	return text(append(list, more...))
}

// Again is a machine's annotation with the claim template of a name that an earlier text of it has.
func Again(vm *kubevirt.VirtualMachine, name, before string) (string, error) {
	list, err := entriesOf(vm)
	if err != nil {
		return "", err
	}
	old, err := entries(before)
	if err != nil {
		return "", err
	}
	at := slices.IndexFunc(old, named(name))
	if at < 0 {
		return text(list)
	}
	return text(append(list, old[at]))
}

// Without is a machine's annotation without the claim template of a name.
func Without(vm *kubevirt.VirtualMachine, name string) (string, error) {
	list, err := entriesOf(vm)
	if err != nil {
		return "", err
	}
	return text(slices.DeleteFunc(list, named(name)))
}

// named tells the claim template of a name.
func named(name string) func(entry map[string]any) bool {
	return func(entry map[string]any) bool {
		metadata, ok := entry["metadata"].(map[string]any)
		return ok && metadata["name"] == name
	}
}

// entriesOf are a machine's claim templates as they are written: what nobody here knows of them stays.
func entriesOf(vm *kubevirt.VirtualMachine) ([]map[string]any, error) {
	return entries(vm.Annotations[harvesterv1.AnnotationVolumeClaimTemplates])
}

func entries(written string) ([]map[string]any, error) {
	list := []map[string]any{}
	if strings.TrimSpace(written) == "" {
		return list, nil
	}
	if err := json.Unmarshal([]byte(written), &list); err != nil {
		return nil, fmt.Errorf("read %s: %w", harvesterv1.AnnotationVolumeClaimTemplates, err)
	}
	return list, nil
}
