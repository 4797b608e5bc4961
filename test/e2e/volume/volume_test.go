// Package volume_test follows the bytes of volumes through everything that can be done with them, on a real control
// plane, with a real guest.
package volume_test

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"crofthci.io/croft/test/e2e/stage"
)

const (
	first     = "site-1"
	namespace = "default"
)

// note is what the guest writes at the end of its disk's first gibibyte, where nothing else is.
const note = "croft was here"

// noteAt is where, in 512-byte sectors.
const noteAt = 2097000

// TestTheBytesOfAVolume makes a machine whose disk is a volume that was made before it, and follows what its guest writes.
func TestTheBytesOfAVolume(t *testing.T) {
	s := stage.Open(t)
	id := s.Site(t, first)
	at := func(name string) string { return stage.VolumePath(id, namespace, name) }
	act := func(path, action string, input map[string]any) { s.DoAt(t, path, action, input) }
	image := s.TinyImage(t, id)
	s.LetGrow(t, first)

	s.Admin.MakeVolume(t, id, namespace, "bytes-root", image, "1Gi")
	s.WaitVolume(t, at("bytes-root"), "Ready")
	s.Admin.MakeVolume(t, id, namespace, "bytes-data", "", "1Gi")
	s.WaitVolume(t, at("bytes-data"), "Ready")

	key := stage.NewKey(t)
	machine := withDisks(stage.Guest(namespace, "bytes", image, key), "bytes-root", "bytes-data")
	s.Admin.MakeMachine(t, id, machine)
	address := s.Address(t, id, namespace, "bytes")
	inside := func(command string) string { return key.Run(t, address, command) }
	inside(fmt.Sprintf("echo '%s' | sudo dd of=/dev/vdb bs=512 seek=%d conv=fsync,sync", note, noteAt))

	using := s.WaitVolume(t, at("bytes-data"), "In-use")
	if !strings.Contains(using.Unavailable["dataMigration"], "bytes runs with the volume") {
		t.Errorf("a volume that is written to does not move: %q", using.Unavailable["dataMigration"])
	}
	if said := s.Admin.Refused(t, 409, "DELETE", at("bytes-data"), nil); !strings.Contains(said, "virtual machine bytes") {
		t.Errorf("who keeps the volume is named: %s", said)
	}

	s.Kubectl(t, first, "", "patch", "pvc", "bytes-data", "-p", `{"spec": {"resources": {"requests": {"storage": "2Gi"}}}}`)
	stage.Eventually(t, "the guest sees its larger disk", time.Minute, func() error {
		if sectors := inside("cat /sys/block/vdb/size"); sectors != "4194304" {
			return fmt.Errorf("it has %s sectors", sectors)
		}
		return nil
	})

	act(at("bytes-data"), "snapshot", map[string]any{"name": "bytes-monday"})
	monday := stage.OfSite(id, "snapshot.storage.k8s.io.volumesnapshots/"+namespace+"/bytes-monday")
	s.WaitVolume(t, monday, "Ready")
	inside(fmt.Sprintf("echo gone | sudo dd of=/dev/vdb bs=512 seek=%d conv=fsync,sync", noteAt))
	act(monday, "restore", map[string]any{"name": "bytes-restored"})
	act(at("bytes-data"), "clone", map[string]any{"name": "bytes-copy"})
	holds(t, s, at("bytes-restored"), note)
	holds(t, s, at("bytes-copy"), "gone")

	act(at("bytes-restored"), "dataMigration", map[string]any{"targetVolumeName": "bytes-moved", "targetStorageClassName": "bulk"})
	if moved := holds(t, s, at("bytes-moved"), note); moved.Spec.StorageClassName != "bulk" {
		t.Errorf("it went to class %s", moved.Spec.StorageClassName)
	}

	s.Remove(t, id, namespace, "bytes")
	for _, name := range []string{"bytes-data", "bytes-root", "bytes-copy", "bytes-moved", "bytes-restored"} {
		stage.Eventually(t, name+" goes when nobody uses it", 2*time.Minute, func() error {
			code, answer, err := s.Admin.Try("DELETE", at(name), nil)
			if err == nil && code != 200 && code != 204 && code != 404 {
				err = fmt.Errorf("%d %s", code, answer)
			}
			return err
		})
	}
	stage.Eventually(t, "what was moved stays away", time.Minute, func() error {
		code, _, err := s.Admin.Try("GET", at("bytes-moved"), nil)
		if err == nil && code != 404 {
			err = fmt.Errorf("it is answered with %d", code)
		}
		return err
	})
}

// TestAnEnlargementIsCancelled gives up one that the storage cannot do.
func TestAnEnlargementIsCancelled(t *testing.T) {
	s := stage.Open(t)
	id := s.Site(t, first)
	at := stage.VolumePath(id, namespace, "stuck")
	s.Admin.MakeVolume(t, id, namespace, "stuck", "", "1Gi")
	s.WaitVolume(t, at, "Ready")
	s.Kubectl(t, first, "", "annotate", "pvc", "stuck", "fault.site.crofthci.io/expand=10Gi")
	s.Kubectl(t, first, "", "patch", "pvc", "stuck", "-p", `{"spec": {"resources": {"requests": {"storage": "100Gi"}}}}`)
	if failed := s.WaitVolume(t, at, "Failed"); !strings.Contains(failed.Metadata.State.Message, "100Gi") {
		t.Errorf("the size is told: %q", failed.Metadata.State.Message)
	}
	s.DoAt(t, at, "cancelExpand", nil)
	s.WaitVolume(t, at, "Ready")
	s.Delete(t, at)
}

// withDisks is a machine on volumes that are there already.
func withDisks(machine map[string]any, root, data string) map[string]any {
	delete(machine["metadata"].(map[string]any), "annotations")
	spec := machine["spec"].(map[string]any)["template"].(map[string]any)["spec"].(map[string]any)
	devices := spec["domain"].(map[string]any)["devices"].(map[string]any)
	volumes, disks := spec["volumes"].([]any), devices["disks"].([]any)
	volumes[0] = map[string]any{"name": "disk-0", "persistentVolumeClaim": map[string]any{"claimName": root}}
	more := map[string]any{"name": "data", "persistentVolumeClaim": map[string]any{"claimName": data}}
	spec["volumes"] = []any{volumes[0], more, volumes[1]}
	devices["disks"] = []any{disks[0], map[string]any{"name": "data", "disk": map[string]any{"bus": "virtio"}}, disks[1]}
	return machine
}

// holds waits for a volume and looks into its file for what the guest has written.
func holds(t *testing.T, s *stage.Stage, path, want string) stage.Volume {
	t.Helper()
	volume := s.WaitVolume(t, path, "Ready")
	file, err := os.Open(filepath.Join(s.Dir, first, "data", "volumes", handle(t, s, volume.Spec.VolumeName), "disk.img"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	got, err := io.ReadAll(io.NewSectionReader(file, noteAt*512, 512))
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.HasPrefix(got, []byte(want)) {
		t.Errorf("%s holds %q, want %q", path, got[:min(len(got), 32)], want)
	}
	return volume
}

// handle is the storage's name of a volume.
func handle(t *testing.T, s *stage.Stage, name string) string {
	t.Helper()
	return s.Kubectl(t, first, "", "get", "pv", name, "-o", "jsonpath={.spec.csi.volumeHandle}")
}
