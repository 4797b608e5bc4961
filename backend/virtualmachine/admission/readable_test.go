package admission

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/utils/ptr"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/kubevirt"
)

// given is a machine whose template says which keys its guest was given.
func given(keys string) func(*machine) {
	return func(vm *machine) {
		vm.Spec.Template.ObjectMeta.Annotations = map[string]string{harvesterv1.AnnotationSSHNames: keys}
	}
}

func efi(secure *bool) func(*machine) {
	return func(vm *machine) {
		vm.Spec.Template.Spec.Domain.Firmware = &kubevirt.Firmware{Bootloader: &kubevirt.Bootloader{EFI: &kubevirt.EFI{SecureBoot: secure}}}
	}
}

// TestReadable reads machines as Harvester's Terraform provider does, after what is filled in.
func TestReadable(t *testing.T) {
	type read struct {
		Keys   []string
		Secure bool
	}
	cases := map[string]struct {
		reason  string
		vm, old *machine
		want    read
	}{
		"Bare":     {"a machine that kubectl made says nothing of keys", sizedMachine(), nil, read{Keys: []string{}}},
		"Edited":   {"nor does one that was there before", sizedMachine(), sizedMachine(), read{Keys: []string{}}},
		"Empty":    {"an empty text is no list", sizedMachine(given("")), nil, read{Keys: []string{}}},
		"Given":    {"what is written stays", sizedMachine(given(`["default/me"]`)), nil, read{Keys: []string{"default/me"}}},
		"Firmware": {"KubeVirt checks what it boots unless it is told not to", sizedMachine(efi(nil)), nil, read{Keys: []string{}, Secure: true}},
		"Unsecure": {"as it is told", sizedMachine(efi(ptr.To(false))), nil, read{Keys: []string{}}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if err := readable(t.Context(), request{Object: tc.vm, Old: tc.old}); err != nil {
				t.Fatal(err)
			}
			var got read
			template := tc.vm.Spec.Template
			if err := json.Unmarshal([]byte(template.ObjectMeta.Annotations[harvesterv1.AnnotationSSHNames]), &got.Keys); err != nil {
				t.Errorf("%s: %v", tc.reason, err)
			}
			if firmware := template.Spec.Domain.Firmware; firmware != nil {
				got.Secure = *firmware.Bootloader.EFI.SecureBoot
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("%s: -want +got:\n%s", tc.reason, diff)
			}
		})
	}
	running := sizedMachine(efi(nil))
	if err := readable(t.Context(), request{Object: running, Old: sizedMachine(efi(nil))}); err != nil {
		t.Fatal(err)
	}
	if running.Spec.Template.Spec.Domain.Firmware.Bootloader.EFI.SecureBoot != nil {
		t.Error("a machine that is there would have to be restarted for another firmware")
	}
	if err := readable(t.Context(), request{Object: &machine{}}); err != nil {
		t.Errorf("a machine without a template is for others to refuse: %v", err)
	}
}
