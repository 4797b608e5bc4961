package claim

import (
	"encoding/json"
	"fmt"
	"strings"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/kubevirt"
)

// With is a machine's claim templates with another one, as their annotation spells them.
func With(vm *kubevirt.VirtualMachine, template any) (string, error) {
	list, err := written(vm)
	if err != nil {
		return "", err
	}
	text, err := json.Marshal(template)
	if err != nil {
		return "", fmt.Errorf("write a claim template: %w", err)
	}
	return spelt(append(list, text))
}

// Without is a machine's claim templates without that of a name.
func Without(vm *kubevirt.VirtualMachine, name string) (string, error) {
	list, err := written(vm)
	if err != nil {
		return "", err
	}
	kept := make([]json.RawMessage, 0, len(list))
	for _, text := range list {
		var template struct{ Metadata struct{ Name string } }
		if json.Unmarshal(text, &template) == nil && template.Metadata.Name == name {
			continue
		}
		kept = append(kept, text)
	}
	return spelt(kept)
}

// written are a machine's claim templates as their author wrote them: fields that nobody here knows of must stay.
func written(vm *kubevirt.VirtualMachine) ([]json.RawMessage, error) {
	text := vm.Annotations[harvesterv1.AnnotationVolumeClaimTemplates]
	if strings.TrimSpace(text) == "" {
		return nil, nil
	}
	var list []json.RawMessage
	if err := json.Unmarshal([]byte(text), &list); err != nil {
		return nil, fmt.Errorf("%s is not a JSON array of claims: %w", harvesterv1.AnnotationVolumeClaimTemplates, err)
	}
	return list, nil
}

func spelt(list []json.RawMessage) (string, error) {
	text, err := json.Marshal(list)
	if err != nil {
		return "", fmt.Errorf("write claim templates: %w", err)
	}
	return string(text), nil
}
