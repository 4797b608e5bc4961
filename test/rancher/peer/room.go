package peer

import (
	"fmt"
	"io"
	"os"
	"path/filepath"

	"crofthci.io/croft/test/controlplane"
	"crofthci.io/croft/test/sandbox/process"
)

// room is what a program sees as its root directory, because Rancher's look for
// their files at places of their images. See room.sh.
type room struct {
	dir    string
	script string
}

func newRoom(root, dir string) (*room, error) {
	r := &room{dir: dir, script: filepath.Join(root, "test", "rancher", "room.sh")}
	if err := os.MkdirAll(filepath.Join(dir, "programs"), 0o755); err != nil {
		return nil, fmt.Errorf("room: %w", err)
	}
	return r, nil
}

// furnish writes files of the room, by their path in it, and brings programs.
func (r *room) furnish(files map[string]string, programs ...string) error {
	for path, content := range files {
		at := filepath.Join(r.dir, path)
		if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(at, []byte(content), 0o755); err != nil { // some are scripts
			return err
		}
	}
	for _, program := range programs {
		if err := r.bring(program); err != nil {
			return err
		}
	}
	return nil
}

// bring gives the room a built program: a link, or a copy where the cache is on
// another disk.
func (r *room) bring(name string) error {
	built, err := controlplane.Binary(name)
	if err != nil {
		return err
	}
	if built, err = filepath.EvalSymlinks(built); err != nil {
		return err
	}
	at := filepath.Join(r.dir, "programs", name)
	if err := os.RemoveAll(at); err != nil {
		return err
	}
	if os.Link(built, at) == nil {
		return nil
	}
	return duplicate(built, at)
}

func duplicate(from, to string) error {
	source, err := os.Open(from)
	if err != nil {
		return err
	}
	defer source.Close()
	target, err := os.OpenFile(to, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o755)
	if err != nil {
		return err
	}
	if _, err := io.Copy(target, source); err != nil {
		return fmt.Errorf("copy %s: %w", from, err)
	}
	return target.Close()
}

// enter has a process run in the room.
func (r *room) enter(spec *process.Spec, program string) {
	spec.Args = append([]string{r.dir, "/programs/" + program}, spec.Args...)
	spec.Path = r.script
	spec.Env = append(spec.Env, "PATH=/programs:/usr/sbin:/usr/bin", "TMPDIR=/tmp", "HOME=/tmp")
}
