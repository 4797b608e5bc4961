package standalone_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

// testSettings changes the settings that the hub obeys.
func testSettings(t *testing.T, h *hub, admin string) {
	set := func(name, value string) {
		t.Helper()
		h.want(t, http.StatusOK, admin, http.MethodPut, "/v3/settings/"+name, map[string]any{"value": value})
	}

	set("password-min-length", "30")
	set("auth-user-session-ttl-minutes", "5")
	set("auth-token-max-ttl-minutes", "10")

	defer func() {
		for _, name := range []string{"password-min-length", "auth-user-session-ttl-minutes", "auth-token-max-ttl-minutes"} {
			set(name, "")
		}
	}()

	eventually(t, "longer passwords", func() error {
		got := h.do(t, admin, http.MethodPost, "/v3/users", map[string]any{"username": "hal", "password": password})
		if got.status != http.StatusUnprocessableEntity || !strings.Contains(got.text("message"), "30") {
			return fmt.Errorf("%d %s", got.status, got.body)
		}

		return nil
	})

	entered := h.want(t, http.StatusCreated, "", http.MethodPost, "/v1-public/login", map[string]string{"username": "admin", "password": password})
	key := h.want(t, http.StatusCreated, admin, http.MethodPost, "/v3/tokens", map[string]any{"type": "token"})

	for most, text := range map[time.Duration]string{5 * time.Minute: entered.text("expiresAt"), 10 * time.Minute: key.text("expiresAt")} {
		if end, err := time.Parse(time.RFC3339, text); err != nil || time.Until(end) > most {
			t.Errorf("a token must end within %s, got %q", most, text)
		}
	}
}
