package guest

import (
	"os/exec"
	"testing"
)

func TestProbeRunsABootSector(t *testing.T) {
	qemu, err := exec.LookPath("qemu-system-x86_64")
	if err != nil {
		t.Fatalf("this test runs QEMU, install the package qemu-system-x86: %v", err)
	}
	if !probe(t.Context(), qemu, "tcg") {
		t.Error("a boot sector does not run with TCG, so the probe would never find KVM usable")
	}
}
