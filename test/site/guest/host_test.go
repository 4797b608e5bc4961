package guest

import (
	"context"
	"os/exec"
	"testing"
	"time"
)

func TestProbeRunsABootSector(t *testing.T) {
	qemu, err := exec.LookPath("qemu-system-x86_64")
	if err != nil {
		t.Fatalf("this test runs QEMU, install the package qemu-system-x86: %v", err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	if !probe(ctx, qemu, "tcg") {
		t.Error("a boot sector does not run with TCG, so the probe would never find KVM usable")
	}
}
