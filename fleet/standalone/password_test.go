package standalone_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
)

// testPasswords changes passwords as the dashboard does, by PasswordChangeRequest.
func testPasswords(t *testing.T, h *hub, admin string) {
	const requests = "/v1/ext.cattle.io.passwordchangerequests"

	schema := h.want(t, http.StatusOK, admin, http.MethodGet, "/v1/schemas/ext.cattle.io.passwordchangerequest", nil)
	if got := schema.text("collectionMethods"); !strings.Contains(got, http.MethodPost) {
		t.Errorf("the page asks the schema whether it may post, got collectionMethods %s", got)
	}

	dora := h.want(t, http.StatusCreated, admin, http.MethodPost, "/v3/users",
		map[string]any{"username": "dora", "name": "Dora", "password": password, "mustChangePassword": true}).text("id")
	boss := h.want(t, http.StatusOK, admin, http.MethodGet, "/v3/users?me=true", nil)
	bossID := boss.object["data"].([]any)[0].(map[string]any)["id"]
	here, elsewhere := h.login(t, "dora", password), h.login(t, "dora", password)

	cases := []struct {
		reason string
		token  string
		spec   map[string]any
		status int
		field  string
	}{
		{"nobody's password", here, map[string]any{"newPassword": password + "1"}, http.StatusUnprocessableEntity, "spec.userID"},
		{"a guess", here, map[string]any{"userID": dora, "currentPassword": "wrong", "newPassword": password + "1"}, http.StatusUnprocessableEntity, "spec.currentPassword"},
		{"no current password, from a user who may not do without", here, map[string]any{"userID": dora, "newPassword": password + "1"}, http.StatusForbidden, ""},
		{"another's password", here, map[string]any{"userID": bossID, "currentPassword": password, "newPassword": password + "1"}, http.StatusForbidden, ""},
		{"too short", here, map[string]any{"userID": dora, "currentPassword": password, "newPassword": "short"}, http.StatusUnprocessableEntity, "spec.newPassword"},
		{"an administrator's guess at his own", admin, map[string]any{"userID": bossID, "currentPassword": "wrong", "newPassword": password + "1"}, http.StatusUnprocessableEntity, "spec.currentPassword"},
		{"a user who does not exist", admin, map[string]any{"userID": "u-nobody", "newPassword": password + "1"}, http.StatusNotFound, ""},
		{"no login", "", map[string]any{"userID": dora, "newPassword": password + "1"}, http.StatusUnauthorized, ""},
		{"her own", here, map[string]any{"userID": dora, "currentPassword": password, "newPassword": password + "1"}, http.StatusCreated, ""},
	}
	for _, tc := range cases {
		got := h.do(t, tc.token, http.MethodPost, requests, map[string]any{"spec": tc.spec})
		if got.status != tc.status || tc.field != "" && got.text("fieldName") != tc.field {
			t.Errorf("%s: want %d %s, got %d: %s", tc.reason, tc.status, tc.field, got.status, got.body)
		}
	}

	h.want(t, http.StatusOK, here, http.MethodGet, "/v3/principals", nil)
	eventually(t, "the session elsewhere has ended", func() error {
		if got := h.do(t, elsewhere, http.MethodGet, "/v3/principals", nil); got.status != http.StatusUnauthorized {
			return fmt.Errorf("%d", got.status)
		}

		return nil
	})

	if got := h.want(t, http.StatusOK, admin, http.MethodGet, "/v3/users/"+dora, nil); got.text("mustChangePassword") == "true" {
		t.Errorf("who chose a password need not choose again, got %s", got.body)
	}

	set := h.want(t, http.StatusCreated, admin, http.MethodPost, requests, map[string]any{"spec": map[string]any{"userID": dora, "newPassword": password + "2"}})
	if strings.Contains(string(set.body), password) {
		t.Errorf("the answer must not have the password: %s", set.body)
	}

	h.want(t, http.StatusUnauthorized, "", http.MethodPost, "/v1-public/login", map[string]string{"username": "dora", "password": password + "1"})
	dorasNext := h.login(t, "dora", password+"2")
	h.want(t, http.StatusForbidden, dorasNext, http.MethodPost, "/v3/users/"+fmt.Sprint(bossID)+"?action=setpassword", map[string]string{"newPassword": password + "3"})
	h.login(t, "admin", password)
}
