package virtualmachine

import (
	"fmt"
	"testing"
	"time"

	"crofthci.io/croft/test/e2e/stage"
)

// exported is a volume, and KubeVirt's order to offer it for download.
const exported = `
apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: exported}
spec:
  accessModes: [ReadWriteMany]
  volumeMode: Block
  resources: {requests: {storage: 1Mi}}
---
apiVersion: export.kubevirt.io/v1beta1
kind: VirtualMachineExport
metadata: {name: exported}
spec:
  source: {apiGroup: "", kind: PersistentVolumeClaim, name: exported}
`

// TestExport makes an export. KubeVirt's controllers sign for it, with keys that a
// pod would have mounted, and live on.
func TestExport(t *testing.T) {
	s := stage.Open(t)
	s.Site(t, first)
	controller := s.Process(t, first+"/virt-controller").PID
	s.Kubectl(t, first, exported, "apply", "-n", namespace, "-f", "-")
	stage.Eventually(t, "the pod that offers it", time.Minute, func() error {
		phase, err := s.TryKubectl(t, first, "", "get", "pod", "virt-export-exported", "-n", namespace, "-o", "jsonpath={.status.phase}")
		if err != nil {
			return fmt.Errorf("%w: %s", err, phase)
		}
		if phase != "Running" {
			return fmt.Errorf("its pod is %q", phase)
		}
		return nil
	})
	stage.Eventually(t, "the export", time.Minute, func() error {
		phase := s.Kubectl(t, first, "", "get", "vmexport", "exported", "-n", namespace, "-o", "jsonpath={.status.phase}")
		if phase != "Ready" {
			return fmt.Errorf("it is %q", phase)
		}
		return nil
	})
	if now := s.Process(t, first+"/virt-controller").PID; now != controller {
		t.Errorf("virt-controller was process %d, and is %d", controller, now)
	}
	s.Kubectl(t, first, "", "delete", "vmexport/exported", "pvc/exported", "-n", namespace, "--wait=false")
}
