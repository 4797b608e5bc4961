package farm

import (
	"bytes"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"k8s.io/client-go/rest"
)

// Farm is a farm that runs.
type Farm struct {
	// PID is that of its process.
	PID int

	spec    Spec
	told    told
	command *exec.Cmd
	input   io.Closer
}

// Start starts a farm. The program that calls it has to call Child first thing.
func Start(spec Spec) (*Farm, error) {
	text, err := json.Marshal(spec)
	if err != nil {
		return nil, err
	}
	command := exec.Command(os.Args[0], "-test.run=^$")
	command.Env = append(os.Environ(), variable+"="+string(text))
	command.Stderr = os.Stderr
	input, err := command.StdinPipe()
	if err != nil {
		return nil, err
	}
	output, err := command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := command.Start(); err != nil {
		return nil, fmt.Errorf("start the farm: %w", err)
	}
	f := &Farm{PID: command.Process.Pid, spec: spec, command: command, input: input}
	if err := json.NewDecoder(output).Decode(&f.told); err != nil {
		return nil, errors.Join(fmt.Errorf("the farm did not say where it is: %w", err), f.Stop())
	}
	return f, nil
}

// CPU is the processor time that the farm has taken, from the kernel's own count in hundredths of a second.
func (f *Farm) CPU() (time.Duration, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", f.PID))
	if err != nil {
		return 0, err
	}
	// Behind the name, which stands in parentheses, user's and system's time are the twelfth and thirteenth.
	fields := strings.Fields(string(text[bytes.LastIndexByte(text, ')')+1:]))
	var all time.Duration
	for _, field := range fields[11:13] {
		ticks, err := strconv.Atoi(field)
		if err != nil {
			return 0, err
		}
		all += time.Duration(ticks) * time.Second / 100
	}
	return all, nil
}

// Stop ends the farm.
func (f *Farm) Stop() error {
	return errors.Join(f.input.Close(), f.command.Wait())
}

// Config is how a site is reached.
func (f *Farm) Config(site int) *rest.Config {
	return &rest.Config{
		Host: f.told.Hosts[site], QPS: -1,
		TLSClientConfig: rest.TLSClientConfig{CAData: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: f.told.Authority}), ServerName: "example.com"},
	}
}

// Break gives a site a fault, or takes it away.
func (f *Farm) Break(site int, fault Fault) error {
	response, err := http.Post(fmt.Sprintf("%s/%d?fault=%s", f.told.Control, site, fault), "", nil)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("break site %d: %s", site, response.Status)
	}
	return nil
}
