package standalone_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// testForm makes a user as the dashboard's form does: a User, and then a Secret
// with the password that was typed.
func testForm(t *testing.T, h *hub, admin string) {
	const users, secrets = "/v1/management.cattle.io.users", "/v1/secrets"

	form := func(username string) map[string]any {
		return map[string]any{
			"type": "management.cattle.io.user", "enabled": true, "mustChangePassword": false, "displayName": "Fay", "description": "", "username": username,
		}
	}
	secret := func(name, typed string) map[string]any {
		return map[string]any{
			"type": "secret", "metadata": map[string]any{"namespace": "cattle-local-user-passwords", "name": name},
			"data": map[string]any{"password": base64.StdEncoding.EncodeToString([]byte(typed))},
		}
	}

	made := h.want(t, http.StatusCreated, admin, http.MethodPost, users, form("fay"))
	id := made.text("id")

	if !strings.HasPrefix(id, "u-") || made.text("principalIds") != "[local://"+id+"]" {
		t.Errorf("a user has a name and an identity, got %s", made.body)
	}

	refused := []struct {
		reason, path string
		body         map[string]any
		field        string
	}{
		{"nobody can log in without a name", users, form(" "), "username"},
		{"a name that is taken, however it is written", users, form("FAY"), "username"},
		{"a password that is too short", secrets, secret(id, "short"), "data.password"},
		{"a password of nobody", secrets, secret("u-nobody", password), "metadata.name"},
		{"no base64", secrets, map[string]any{
			"type": "secret", "metadata": map[string]any{"namespace": "cattle-local-user-passwords", "name": id}, "data": map[string]any{"password": "!"},
		}, "data.password"},
	}
	for _, tc := range refused {
		got := h.do(t, admin, http.MethodPost, tc.path, tc.body)
		if got.status != http.StatusUnprocessableEntity || got.text("fieldName") != tc.field {
			t.Errorf("%s: want 422 for %s, got %d %s", tc.reason, tc.field, got.status, got.body)
		}
	}

	kept := h.want(t, http.StatusCreated, admin, http.MethodPost, secrets, secret(id, password))
	if _, shown := kept.object["data"]; shown {
		t.Errorf("the answer must not have the hash, got %s", kept.body)
	}

	direct, err := client.New(h.config, client.Options{})
	if err != nil {
		t.Fatal(err)
	}

	have := &corev1.Secret{}
	if err := direct.Get(t.Context(), client.ObjectKey{Namespace: "cattle-local-user-passwords", Name: id}, have); err != nil {
		t.Fatal(err)
	}

	if hashed := string(have.Data["password"]); !strings.HasPrefix(hashed, "$argon2id$") || have.Annotations["cattle.io/password-hash"] != "argon2id" {
		t.Errorf("a password must never be kept as it was typed, got %q %v", hashed, have.Annotations)
	}

	fay := h.login(t, "fay", password)
	h.want(t, http.StatusForbidden, fay, http.MethodPost, users, form("gil"))
	h.want(t, http.StatusMethodNotAllowed, admin, http.MethodPut, secrets+"/cattle-local-user-passwords/"+id, secret(id, password+"1"))

	// Any other secret is Steve's own business.
	h.want(t, http.StatusCreated, admin, http.MethodPost, secrets, map[string]any{
		"type": "secret", "metadata": map[string]any{"namespace": "default", "name": "plain"}, "data": map[string]any{"password": "YWJj"},
	})

	h.want(t, http.StatusOK, admin, http.MethodPut, "/v3/users/"+id, map[string]any{"enabled": false})
	h.want(t, http.StatusUnauthorized, "", http.MethodPost, "/v1-public/login", map[string]string{"username": "fay", "password": "wrong"})
	h.want(t, http.StatusForbidden, "", http.MethodPost, "/v1-public/login", map[string]string{"username": "fay", "password": password})
}

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
