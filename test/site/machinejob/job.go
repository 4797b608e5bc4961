package machinejob

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	corev1 "k8s.io/api/core/v1"

	"crofthci.io/croft/test/site/site"
)

// job is one pod with its one container.
type job struct {
	site      *site.Site
	pod       *corev1.Pod
	container *corev1.Container
}

// Places of Rancher's image.
const (
	home     = "/home/machine"
	programs = "/usr/local/bin"
)

// imageUser is whom the image runs as when the pod names nobody.
const imageUser = 1000

// defaultGrace is how long a program may take to end when its pod does not say.
const defaultGrace = 30 * time.Second

// run does what the image's entry point does: it fetches the driver and starts rancher-machine.
func (j job) run(ctx context.Context) (code int, said string, err error) {
	if j.site.Machine == "" {
		return 1, "", errors.New("the site was started without --rancher-machine")
	}
	if _, err := os.Stat(j.site.Machine); err != nil {
		return 1, "", errors.New("rancher-machine is not built: run test/machine/build.sh")
	}
	if os.Geteuid() != 0 {
		return 1, "", errors.New("only root can lock a program into a folder: run the sandbox as root")
	}
	root := filepath.Join(j.site.Data, "rooms", string(j.pod.UID))
	defer os.RemoveAll(root)
	if err := j.furnish(ctx, root); err != nil {
		return 1, "", err
	}
	order := orderOf(j.container.Args)
	said, err = order.fetch(ctx, filepath.Join(root, programs))
	if err != nil {
		return 1, said, err
	}
	env, err := j.environment(ctx)
	if err != nil {
		return 1, said, err
	}
	code, told, err := j.start(ctx, root, order.args, env)
	return code, said + told, err
}

// start runs rancher-machine in its room until it ends, or the play does.
func (j job) start(ctx context.Context, root string, args, env []string) (code int, said string, err error) {
	command := exec.CommandContext(ctx, programs+"/rancher-machine", args...)
	command.Path, command.Err = programs+"/rancher-machine", nil // it is looked for in the room
	command.Dir, command.Env = home, env
	id := uint32(j.user())
	command.SysProcAttr = &syscall.SysProcAttr{
		Chroot: root, Setpgid: true, Pdeathsig: syscall.SIGKILL, Credential: &syscall.Credential{Uid: id, Gid: id},
	}
	null, err := os.Open(os.DevNull)
	if err != nil {
		return 1, "", err
	}
	defer null.Close()
	var told bytes.Buffer
	command.Stdin, command.Stdout, command.Stderr = null, &told, &told
	group := func(signal syscall.Signal) error { return syscall.Kill(-command.Process.Pid, signal) }
	command.Cancel, command.WaitDelay = func() error { return group(syscall.SIGTERM) }, j.grace()
	err = command.Run()
	if command.Process != nil {
		_ = group(syscall.SIGKILL) // what it has left behind; mostly there is nothing
	}
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		return exit.ExitCode(), told.String(), nil
	}
	if err != nil {
		return 1, told.String(), fmt.Errorf("run rancher-machine: %w", err)
	}
	return 0, told.String(), nil
}

// user is whom the program runs as.
func (j job) user() int64 {
	if c := j.container.SecurityContext; c != nil && c.RunAsUser != nil {
		return *c.RunAsUser
	}
	if c := j.pod.Spec.SecurityContext; c != nil && c.RunAsUser != nil {
		return *c.RunAsUser
	}
	return imageUser
}

func (j job) grace() time.Duration {
	if seconds := j.pod.Spec.TerminationGracePeriodSeconds; seconds != nil {
		return time.Duration(*seconds) * time.Second
	}
	return defaultGrace
}
