package main

import (
	"bufio"
	"encoding/json"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"

	"crofthci.io/croft/test/controlplane"
)

// asProgram is the variable that makes this test binary the program: its arguments, one a line.
const asProgram = "CROFT_BACKEND_ARGUMENTS"

// program is the backend in a process of its own, as it is shipped.
type program struct {
	command *exec.Cmd
	ended   chan error

	mutex sync.Mutex
	log   []string
}

// start starts the program, and kills it when the test ends.
func start(t *testing.T, arguments ...string) *program {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p := &program{command: exec.Command(self), ended: make(chan error, 1)}
	p.command.Env = append(os.Environ(), asProgram+"="+strings.Join(arguments, "\n"))
	told, err := p.command.StderrPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.command.Start(); err != nil {
		t.Fatal(err)
	}
	read := make(chan struct{})
	go func() {
		defer close(read)
		for scanner := bufio.NewScanner(told); scanner.Scan(); {
			p.mutex.Lock()
			p.log = append(p.log, scanner.Text())
			p.mutex.Unlock()
		}
	}()
	go func() {
		<-read
		p.ended <- p.command.Wait()
		close(p.ended)
	}()
	t.Cleanup(func() {
		_ = p.command.Process.Kill()
		<-p.ended
		if t.Failed() {
			t.Logf("%v said:\n%s", arguments, strings.Join(p.lines(), "\n"))
		}
	})
	return p
}

// lines are what the program has logged.
func (p *program) lines() []string {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	return append([]string(nil), p.log...)
}

// stop asks the program to end and answers how it did.
func (p *program) stop(t *testing.T) error {
	t.Helper()
	if err := p.command.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	return <-p.ended
}

// requireStructured holds that every line of a log is one object with a time, a level and a message.
func (p *program) requireStructured(t *testing.T) {
	t.Helper()
	lines := p.lines()
	if len(lines) == 0 {
		t.Error("a program says what it does")
	}
	for _, line := range lines {
		var told struct{ Time, Level, Msg string }
		if err := json.Unmarshal([]byte(line), &told); err != nil || told.Time == "" || told.Level == "" || told.Msg == "" {
			t.Errorf("a line of the log is an object with time, level and msg: %s", line)
		}
	}
}

// free is an address that nobody listens at, nor gets before the test ends.
func free(t *testing.T) string {
	t.Helper()
	ports, release, err := controlplane.Reserve("it")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(release)
	return controlplane.Address(ports["it"])
}
