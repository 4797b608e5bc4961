package main

import (
	"errors"
	"net"
	"net/http"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	corev1 "k8s.io/api/core/v1"

	"crofthci.io/croft/test/controlplane"
)

// shortUser is the name by which these tests ask with a credential that has not long to go.
const shortUser = "short"

// expiring opens subscriptions with a token of a guest's account that is good for a few seconds more. What is returned
// holds that they have ended, and that nothing is answered any more: it is called when other things have been tested
// meanwhile, because all who remember tokens do so for ten seconds.
func expiring(t *testing.T, account *corev1.ServiceAccount) (ended func(*testing.T)) {
	t.Helper()
	eventually(t, "the backend knows the guest", func() bool {
		return ask(t, guestUser, http.MethodGet, "/v1/kubevirt.io.virtualmachines", "").status == http.StatusOK
	})
	lasting := subscribe(t, guestUser, roots[0])
	var open []*websocket.Conn
	for left := 5 * time.Second; open == nil; left *= 2 { // a busy machine needs longer to ask as often
		open = briefly(t, account, left)
	}
	return func(t *testing.T) {
		for i, conn := range open {
			requireHungUp(t, conn, roots[i])
		}
		if err := lasting.WriteJSON(map[string]any{"resourceType": "kubevirt.io.virtualmachine"}); err != nil {
			t.Fatal(err)
		}
		if _, _, err := lasting.ReadMessage(); err != nil {
			t.Errorf("one with a credential that lasts goes on: %v", err)
		}
		for _, root := range roots {
			badDay{"what has expired is nobody's", shortUser, http.MethodGet, root + "kubevirt.io.virtualmachines", "", nil, http.StatusUnauthorized}.require(t)
		}
	}
}

// briefly opens the subscriptions with a token that is good for some time more; none when that was over too soon.
func briefly(t *testing.T, account *corev1.ServiceAccount, left time.Duration) []*websocket.Conn {
	t.Helper()
	end := time.Now().Add(left).Truncate(time.Second) // a token knows no less
	token, err := site.cluster.PKI.AccountToken(account, end.Add(-controlplane.Leeway))
	if err != nil {
		t.Fatal(err)
	}
	site.tokens[shortUser] = token
	open := make([]*websocket.Conn, 0, len(roots))
	for _, root := range roots {
		got := ask(t, shortUser, http.MethodGet, root+"kubevirt.io.virtualmachines", "")
		conn, err := dial(t, shortUser, root)
		if err == nil {
			err = conn.WriteJSON(map[string]any{"resourceType": "kubevirt.io.virtualmachine"})
		}
		switch {
		case time.Now().After(end):
			return nil
		case got.status != http.StatusOK:
			t.Fatalf("the credential is good: %d %s", got.status, got.text)
		case err != nil:
			t.Fatal(err)
		}
		open = append(open, conn)
	}
	return open
}

// requireHungUp reads what has come through a subscription, to its end.
func requireHungUp(t *testing.T, conn *websocket.Conn, root string) {
	t.Helper()
	if err := conn.SetReadDeadline(time.Now().Add(patience)); err != nil {
		t.Fatal(err)
	}
	for {
		_, _, err := conn.ReadMessage()
		var late net.Error
		switch {
		case err == nil: // what came before
		case errors.As(err, &late) && late.Timeout():
			t.Errorf("a subscription to %s outlives its credential", root)
			return
		default:
			return
		}
	}
}

// TestExpiredToken asks with a credential whose time is over.
func TestExpiredToken(t *testing.T) {
	account := &corev1.ServiceAccount{}
	account.Namespace, account.Name = home, "bygone"
	create(t, account)
	good, err := site.cluster.PKI.AccountToken(account, time.Now().Add(time.Hour))
	if err != nil {
		t.Fatal(err)
	}
	over, err := site.cluster.PKI.AccountToken(account, time.Now().Add(-2*controlplane.Leeway))
	if err != nil {
		t.Fatal(err)
	}
	lasting := badDay{"the same is known in time", "", http.MethodGet, "/v1/harvester/schemas", "", bearer(good), http.StatusOK}
	if status, text := lasting.ask(t); status != lasting.want {
		t.Fatalf("%s: %d %s", lasting.reason, status, text)
	}
	for _, root := range roots {
		for name, tc := range map[string]badDay{
			"Over":       {"what has expired is nobody's", "", http.MethodGet, root + "schemas", "", bearer(over), http.StatusUnauthorized},
			"Subscribes": {"and opens no subscription", "", http.MethodGet, root + "subscribe", "", bearer(over), http.StatusUnauthorized},
			"Acts":       {"nor does it anything", "", http.MethodPost, root + "kubevirt.io.virtualmachines/default/web?action=start", "", bearer(over), http.StatusUnauthorized},
		} {
			t.Run(name+root, tc.require)
		}
	}
	t.Run("Mints", badDay{"nor does it mint another", "", http.MethodPost, credentials, wantCredential(home, "second"), bearer(over), http.StatusUnauthorized}.require)
}

func bearer(token string) map[string]string {
	return map[string]string{"Authorization": "Bearer " + token}
}
