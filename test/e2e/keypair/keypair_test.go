// Package keypair tests keys in the whole sandbox: a pair that the site makes
// lets its owner into a real guest.
package keypair

import (
	"errors"
	"net/http"
	"strings"
	"testing"
	"time"

	"crofthci.io/croft/test/e2e/stage"
)

const (
	site      = "site-1"
	namespace = "default"
	name      = "keyed"
	kind      = "harvesterhci.io.keypairs"
)

// TestKeygenOpensGuest makes a pair, a machine with its public half, and logs in
// with the private one.
func TestKeygenOpensGuest(t *testing.T) {
	s := stage.Open(t)
	id := s.Site(t, site)
	code, private, err := s.Admin.Try("POST", stage.OfSite(id, kind+"?action=keygen"), map[string]any{"name": name, "namespace": namespace})
	if err != nil || code != http.StatusOK {
		t.Fatalf("keygen: %d %s %v", code, private, err)
	}
	path := stage.OfSite(id, kind+"/"+namespace+"/"+name)
	t.Cleanup(func() { s.Delete(t, path) })
	var pair struct {
		Spec   struct{ PublicKey string }
		Status struct{ FingerPrint string }
	}
	stage.Eventually(t, "the key has a fingerprint", time.Minute, func() error {
		s.Admin.Must(t, "GET", path, nil, &pair)
		if pair.Status.FingerPrint == "" {
			return errors.New("it has none")
		}
		return nil
	})
	key := stage.KeyOf(t, private, pair.Spec.PublicKey)
	s.Admin.MakeMachine(t, id, stage.Guest(namespace, name, s.TinyImage(t, id), key))
	address := s.Address(t, id, namespace, name)
	if host := key.Run(t, address, "hostname"); host != name {
		t.Errorf("the key opens the guest: it is %q", host)
	}
	s.Remove(t, id, namespace, name)
}

func TestRefusals(t *testing.T) {
	s := stage.Open(t)
	id := s.Site(t, site)
	answer := s.Admin.Refused(t, http.StatusUnprocessableEntity, "POST", stage.OfSite(id, kind), map[string]any{
		"type": "harvesterhci.io.keypair", "apiVersion": "harvesterhci.io/v1beta1", "kind": "KeyPair",
		"metadata": map[string]any{"name": "none", "namespace": namespace}, "spec": map[string]any{"publicKey": "nonsense"},
	})
	if !strings.Contains(answer, "spec.publicKey") {
		t.Errorf("the refusal names the field: %s", answer)
	}
}
