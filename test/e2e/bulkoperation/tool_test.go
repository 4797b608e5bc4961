package bulkoperation

import (
	"bufio"
	"encoding/json"
	"fmt"
	"net/http"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"crofthci.io/croft/test/controlplane"
	"crofthci.io/croft/test/e2e/stage"
)

const operations = "/v1/croft/bulkoperations"

// operation is as much of one as the tests look at.
type operation struct {
	ID      string
	Actions map[string]string
	Status  struct {
		Phase, Message string
		Counts         struct{ Total, Allowed, Succeeded, Skipped, Failed, Unknown int }
		Items          []struct{ ID, State, Check, Message string }
	}
}

// order makes an operation over machines by a part of their names.
func order(t *testing.T, s *stage.Stage, action, names string, more map[string]any) operation {
	t.Helper()
	spec := map[string]any{"type": "virtualmachine", "action": action, "selector": map[string]any{"filter": []string{"name~" + names}}}
	for key, value := range more {
		spec[key] = value
	}
	var made operation
	s.Admin.Must(t, http.MethodPost, operations, map[string]any{"spec": spec}, &made)
	return made
}

// until waits until an operation is as it should be. The hub may be away meanwhile.
func until(t *testing.T, s *stage.Stage, id, what string, deadline time.Duration, right func(operation) bool) operation {
	t.Helper()
	var op operation
	stage.Eventually(t, what, deadline, func() error {
		code, answer, err := s.Admin.Try(http.MethodGet, operations+"/"+id, nil)
		if err != nil {
			return err
		}
		op = operation{}
		if code != http.StatusOK || json.Unmarshal(answer, &op) != nil || !right(op) {
			return fmt.Errorf("%d %s", code, answer)
		}
		return nil
	})
	return op
}

func phase(want string) func(operation) bool {
	return func(op operation) bool { return op.Status.Phase == want }
}

// lives counts how often each machine of a site is begun, as the site's API server tells it. An instance that has ended
// when it is first seen is of an earlier life: a machine is stopped before its last instance is out of the way.
type lives struct {
	lock sync.Mutex
	uids map[string]map[string]bool
}

func watchLives(t *testing.T, s *stage.Stage, site string) *lives {
	t.Helper()
	program, err := controlplane.Binary("kubernetes")
	if err != nil {
		t.Fatal(err)
	}
	command := exec.Command(program, "kubectl", "--kubeconfig="+s.Kubeconfig(site), "get", "virtualmachineinstances", "--namespace=default",
		"--watch", "--no-headers", "--output=custom-columns=NAME:.metadata.name,UID:.metadata.uid,PHASE:.status.phase")
	out, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = command.Process.Kill()
		_ = command.Wait()
	})
	l := &lives{uids: map[string]map[string]bool{}}
	go func() {
		for lines := bufio.NewScanner(out); lines.Scan(); {
			if fields := strings.Fields(lines.Text()); len(fields) == 3 && fields[2] != "Succeeded" && fields[2] != "Failed" {
				l.add(fields[0], fields[1])
			}
		}
	}()
	return l
}

func (l *lives) add(name, uid string) {
	l.lock.Lock()
	defer l.lock.Unlock()
	if l.uids[name] == nil {
		l.uids[name] = map[string]bool{}
	}
	l.uids[name][uid] = true
}

func (l *lives) of(name string) int {
	l.lock.Lock()
	defer l.lock.Unlock()
	return len(l.uids[name])
}
