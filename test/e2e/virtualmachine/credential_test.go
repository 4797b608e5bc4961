package virtualmachine

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"crofthci.io/croft/test/e2e/stage"
)

// doors are the secrets of the access credentials: keys, passwords, and a key that goes by cloud-init.
const doors = `
apiVersion: v1
kind: Secret
metadata: {name: opened-keys}
stringData: {key: %q}
---
apiVersion: v1
kind: Secret
metadata: {name: opened-passwords}
stringData: {%s: %q}
`

// TestAccessCredentials changes by which keys and passwords a real guest lets users in while it runs, through the machine's
// secrets alone, and reads on the machine what came of it.
func TestAccessCredentials(t *testing.T) {
	s := stage.Open(t)
	id := s.Site(t, first)
	const name = "opened"
	seed, one, two := stage.NewKey(t), stage.NewKey(t), stage.NewKey(t)
	give := func(key stage.Key, user, password string) {
		s.Kubectl(t, first, "", "delete", "secret", "-n", namespace, "--ignore-not-found", "opened-passwords")
		s.Kubectl(t, first, fmt.Sprintf(doors, key.Public, user, password), "apply", "-n", namespace, "-f", "-")
	}
	give(one, "croft", "first-Secret1")
	s.Kubectl(t, first, "", "create", "secret", "generic", "-n", namespace, "opened-seed", "--from-literal=key="+seed.Public)

	machine := stage.Guest(namespace, name, s.TinyImage(t, id), stage.NewKey(t))
	spec, _ := within(machine)
	spec["accessCredentials"] = []any{
		byAgent("sshPublicKey", "opened-keys", map[string]any{"users": []string{"croft"}}),
		byAgent("userPassword", "opened-passwords", map[string]any{}),
		map[string]any{"sshPublicKey": map[string]any{
			"source": map[string]any{"secret": map[string]any{"secretName": "opened-seed"}}, "propagationMethod": map[string]any{"noCloud": map[string]any{}},
		}},
	}
	s.Admin.MakeMachine(t, id, machine)
	address := s.Address(t, id, namespace, name)
	if got := seed.RunAs(t, "root", address, "hostname"); got != name {
		t.Errorf("the key that goes by cloud-init opens the guest: it is %q", got)
	}
	opens(t, address, "first-Secret1")
	if got := one.Run(t, address, "hostname"); got != name {
		t.Errorf("the key that goes by the agent opens the guest: it is %q", got)
	}
	synchronized(t, s, name, "True", "")

	give(two, "croft", "second-Secret2")
	opens(t, address, "second-Secret2")
	if got := two.Run(t, address, "hostname"); got != name {
		t.Errorf("the new key opens the guest: it is %q", got)
	}
	if err := knock(address, "first-Secret1"); err == nil {
		t.Error("the old password opens nothing any more")
	}
	if got := seed.RunAs(t, "root", address, "cat /home/croft/.ssh/authorized_keys"); strings.TrimSpace(got) != two.Public {
		t.Errorf("the new key is the only one: %q", got)
	}

	give(two, "ada", "third-Secret3")
	synchronized(t, s, name, "False", "Error encountered setting password for user [ada]")
	give(two, "croft", "fourth-Secret4")
	synchronized(t, s, name, "True", "")
	opens(t, address, "fourth-Secret4")
	s.Remove(t, id, namespace, name)
}

// byAgent is an access credential that goes by the guest's agent.
func byAgent(kind, secret string, way map[string]any) map[string]any {
	return map[string]any{kind: map[string]any{
		"source":            map[string]any{"secret": map[string]any{"secretName": secret}},
		"propagationMethod": map[string]any{"qemuGuestAgent": way},
	}}
}

// opens waits until the guest lets its user in by a password.
func opens(t *testing.T, address, password string) {
	t.Helper()
	stage.Eventually(t, "the password opens the guest", 2*time.Minute, func() error { return knock(address, password) })
}

func knock(address, password string) error {
	const patience = 10 * time.Second
	guest, err := ssh.Dial("tcp", address+":22", &ssh.ClientConfig{
		User: "croft", Auth: []ssh.AuthMethod{ssh.Password(password)}, HostKeyCallback: ssh.InsecureIgnoreHostKey(), Timeout: patience,
	})
	if err != nil {
		return err
	}
	return guest.Close()
}

// synchronized waits until the machine says what came of its credentials.
func synchronized(t *testing.T, s *stage.Stage, name, status, says string) {
	t.Helper()
	const read = `jsonpath={.status.conditions[?(@.type=="AccessCredentialsSynchronized")]['status','message']}`
	stage.Eventually(t, "the machine says so", 2*time.Minute, func() error {
		got := s.Kubectl(t, first, "", "get", "vmi", "-n", namespace, name, "-o", read)
		if !strings.HasPrefix(got, status) || !strings.Contains(got, says) {
			return errors.New("it says " + got)
		}
		return nil
	})
}
