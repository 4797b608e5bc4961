package stage

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"testing"

	"crofthci.io/croft/test/site/site"
)

// Fault orders a trouble on a site's control socket. It ends when the function is
// called that it answers, and with the test.
func (s *Stage) Fault(t testing.TB, cluster string, fault site.Fault) (end func()) {
	t.Helper()
	socket := filepath.Join(s.Dir, cluster)
	if err := control(socket, http.MethodPost, fault); err != nil {
		t.Fatal(err)
	}
	end = func() {
		if err := control(socket, http.MethodDelete, fault); err != nil {
			t.Errorf("end of a fault: %v", err)
		}
	}
	t.Cleanup(end)
	return end
}

func control(dir, method string, fault site.Fault) error {
	body, err := json.Marshal(fault)
	if err != nil {
		return err
	}
	request, err := http.NewRequest(method, "http://site/faults", bytes.NewReader(body))
	if err != nil {
		return err
	}
	over := &http.Client{Timeout: longest, Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext:       func(ctx context.Context, _, _ string) (net.Conn, error) { return dialIn(ctx, dir, "site.sock") },
	}}
	response, err := over.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != http.StatusOK {
		err = fmt.Errorf("%s %+v: %s %s", method, fault, response.Status, answer)
	}
	return err
}

// dialIn connects to a socket by way of its open folder: a socket's own path may
// have 107 bytes at most.
func dialIn(ctx context.Context, dir, name string) (net.Conn, error) {
	folder, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	defer folder.Close()
	var d net.Dialer
	return d.DialContext(ctx, "unix", fmt.Sprintf("/proc/self/fd/%d/%s", folder.Fd(), name))
}
