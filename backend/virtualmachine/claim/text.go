package claim

import (
	"encoding/json"
	"fmt"
	"strings"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/kubevirt"
)

// Text is what claim templates are in a machine's annotation, without what only a claim that exists has.
func Text(templates []Template) (string, error) {
	entries := make([]map[string]any, 0, len(templates))
	for _, template := range templates {
		entry := map[string]any{}
		document, err := json.Marshal(template)
		if err == nil {
			err = json.Unmarshal(document, &entry)
		}
		if err != nil {
			return "", fmt.Errorf("write claim template %s: %w", template.Name, err)
		}
		delete(entry, "status")
		entries = append(entries, entry)
	}
	return text(entries)
}

// Changed is a machine's annotation with one of its claim templates changed; nothing changes when it has none of that
// name. What a client wrote there and nobody here knows stays.
func Changed(vm *kubevirt.VirtualMachine, name string, change func(entry map[string]any)) (string, error) {
	written := vm.Annotations[harvesterv1.AnnotationVolumeClaimTemplates]
	if strings.TrimSpace(written) == "" {
		return written, nil
	}
	var entries []map[string]any
	if err := json.Unmarshal([]byte(written), &entries); err != nil {
		return "", fmt.Errorf("read %s: %w", harvesterv1.AnnotationVolumeClaimTemplates, err)
	}
	for _, entry := range entries {
		if metadata, ok := entry["metadata"].(map[string]any); ok && metadata["name"] == name {
			change(entry)
			return text(entries)
		}
	}
	return written, nil
}

func text(entries []map[string]any) (string, error) {
	document, err := json.Marshal(entries)
	if err != nil {
		return "", fmt.Errorf("write %s: %w", harvesterv1.AnnotationVolumeClaimTemplates, err)
	}
	return string(document), nil
}

// Moves are the claim templates whose volumes are being moved.
func Moves(vm *kubevirt.VirtualMachine) []Template {
	// Every row of every list asks, and hardly any has one: most need not be read.
	if !strings.Contains(vm.Annotations[harvesterv1.AnnotationVolumeClaimTemplates], "targetVolume") {
		return nil
	}
	templates, err := Templates(vm)
	if err != nil {
		return nil // the machine says so itself
	}
	var moves []Template
	for _, template := range templates {
		if template.TargetVolume != "" {
			moves = append(moves, template)
		}
	}
	return moves
}

// Of is the claim that a volume of a machine stands on, "" when it stands on none.
func Of(volume *kubevirt.Volume) string {
	switch {
	case volume.PersistentVolumeClaim != nil:
		return volume.PersistentVolumeClaim.ClaimName
	case volume.DataVolume != nil:
		return volume.DataVolume.Name
	default:
		return ""
	}
}
