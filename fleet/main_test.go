package main

import (
	"io"
	"os"
	"os/exec"
	"testing"

	"crofthci.io/croft/test/bench/farm"
)

// asProgram makes the test program croft-fleet itself.
const asProgram = "CROFT_TEST_FLEET"

// TestMain makes of the program what a test has started it as: a farm of API servers, or croft-fleet.
func TestMain(m *testing.M) {
	farm.Child()
	if os.Getenv(asProgram) != "" {
		go func() {
			_, _ = io.Copy(io.Discard, os.Stdin) // it ends with the test that has the other end
			os.Exit(1)
		}()
		main()
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// program starts croft-fleet as a process of its own.
func program(t *testing.T, arguments ...string) *exec.Cmd {
	t.Helper()
	child := exec.Command(os.Args[0], arguments...)
	child.Env = append(os.Environ(), asProgram+"=1")
	child.Stdout, child.Stderr = t.Output(), t.Output()
	input, err := child.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := child.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = input.Close()
		_ = child.Process.Kill()
		_ = child.Wait() // it was killed
	})
	return child
}
