package standalone_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"testing"

	"crofthci.io/croft/fleet/standalone"
	"crofthci.io/croft/test/controlplane"
)

// TestHubRestarts is the hub going away and coming back: the site dials again by
// itself, and authority, tokens and password are what they were.
func TestHubRestarts(t *testing.T) {
	config := controlplane.ForTest(t)
	listen := freeAddress(t)
	announced := 0

	start := func() (*standalone.Hub, context.CancelFunc) {
		ctx, cancel := context.WithCancel(t.Context())

		started, err := standalone.Start(ctx, standalone.Options{
			Config: config, Listen: listen, ServerURL: "https://" + listen, DataDir: t.TempDir(), AgentImage: "croft-fleet:test",
			BootstrapPassword: password, Announce: func(string, string) { announced++ },
			Log: slog.New(slog.NewTextHandler(t.Output(), nil)),
		})
		if err != nil {
			cancel()
			t.Fatal(err)
		}

		return started, cancel
	}

	first, stop := start()
	h := hubOf(first, "https://"+listen, config)
	admin := h.login(t, "admin", password)
	s := h.importSite(t, admin, "south")
	h.ready(t, admin, s)

	stop()

	if err := first.Wait(); err != nil {
		t.Errorf("a hub that is asked to stop stops: %v", err)
	}

	second, stop := start()
	defer func() {
		stop()

		_ = second.Wait()
	}()

	if string(second.AuthorityPEM) != string(first.AuthorityPEM) || second.SystemToken != first.SystemToken {
		t.Error("the authority and the system's token must stay, or no site would trust the hub")
	}

	if announced != 0 {
		t.Error("a password that was given is not printed")
	}

	// The site's agent notices, dials again and is let in with what it has.
	eventually(t, "the site is back", func() error {
		got := h.do(t, admin, http.MethodGet, "/k8s/clusters/"+s.id+"/api/v1/namespaces", nil)
		if got.status != http.StatusOK {
			return fmt.Errorf("%d %s", got.status, got.body)
		}

		return nil
	})
	h.login(t, "admin", password)

	config2 := h.want(t, http.StatusOK, admin, http.MethodPost, "/v3/clusters/"+s.id+"?action=generateKubeconfig", map[string]any{}).text("config")
	testKubeconfig(t, h, s, config2)
}
