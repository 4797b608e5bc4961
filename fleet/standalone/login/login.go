// Package login is the door: the answers of /v1-public, /v3-public and
// /v1/logout, by which a browser or a program gets a token and gives it back.
// Passwords are checked in package account and tokens made in package token; here
// is only what HTTP asks for, and the brake on guessing. Begin reading at Door.
package login

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"crofthci.io/croft/fleet/standalone/account"
	"crofthci.io/croft/fleet/standalone/answer"
	"crofthci.io/croft/fleet/standalone/session"
	"crofthci.io/croft/fleet/standalone/setting"
	"crofthci.io/croft/fleet/standalone/token"
	"crofthci.io/croft/pkg/rancher/management"
)

const (
	maxBody = 16 << 10
	// bodyTime bounds how long the body of a login may take.
	bodyTime = 10 * time.Second
	// maxUsername is longer than anybody's name.
	maxUsername = 256
)

// Door answers the paths by which people come and go.
type Door struct {
	// Users checks passwords.
	Users *account.Store
	// Tokens makes and revokes tokens.
	Tokens *token.Store
	// Brake slows guessing.
	Brake *Brake
	// Settings say how long a login lasts.
	Settings *setting.Reader
	// Addresses tells where a guesser is.
	Addresses Addresses
	// Report is told what went wrong inside.
	Report func(ctx context.Context, err error)
}

// credentials are what both versions of the login send.
type credentials struct {
	Username     string `json:"username"`
	Password     string `json:"password"`
	ResponseType string `json:"responseType"`
	Description  string `json:"description"`
	TTLMillis    int64  `json:"ttl"`
	Type         string `json:"type"`
}

// Register puts the door's paths into a mux.
func (d *Door) Register(mux *http.ServeMux) {
	mux.Handle("POST /v1-public/login", session.OwnOrigin(http.HandlerFunc(d.enter)))
	mux.Handle("POST /v3-public/localProviders/local", session.OwnOrigin(http.HandlerFunc(d.legacyLogin)))
	mux.Handle("POST /v3-public/localproviders/local", session.OwnOrigin(http.HandlerFunc(d.legacyLogin)))
	mux.HandleFunc("GET /v1-public/authproviders", d.providers("/v1-public/authproviders"))
	mux.HandleFunc("GET /v3-public/authProviders", d.providers("/v3-public/authProviders"))
	mux.HandleFunc("GET /v3-public/authproviders", d.providers("/v3-public/authProviders"))
	mux.HandleFunc("POST /v1/logout", d.logout)
}

// legacyLogin is what Terraform and scripts use; its only action is login.
func (d *Door) legacyLogin(rw http.ResponseWriter, req *http.Request) {
	if action := req.URL.Query().Get("action"); action != "login" {
		answer.Error(rw, http.StatusUnprocessableEntity, "InvalidAction", fmt.Sprintf("the action %q is not known, only login", action))

		return
	}

	d.enter(rw, req)
}

// enter is the login. A page gets 200 and a cookie, a program 201 and the token.
func (d *Door) enter(rw http.ResponseWriter, req *http.Request) {
	// Nobody is known yet, so nobody may take his time. What cannot set a deadline has
	// no connection.
	connection := http.NewResponseController(rw)
	_ = connection.SetReadDeadline(time.Now().Add(bodyTime))

	var given credentials
	if err := json.NewDecoder(http.MaxBytesReader(rw, req.Body, maxBody)).Decode(&given); err != nil {
		answer.Error(rw, http.StatusUnprocessableEntity, "InvalidBodyContent", "the body must be JSON with username and password")

		return
	}

	_ = connection.SetReadDeadline(time.Time{})

	if given.Type != "" && given.Type != "localProvider" && given.Type != "local" && given.Type != "basicLogin" {
		answer.Field(rw, "InvalidOption", "type", fmt.Sprintf("the provider %q is not known, only local", given.Type))

		return
	}

	address := d.Addresses.Of(req)

	if wait, ok := d.Brake.Allow(given.Username, address); !ok {
		rw.Header().Set("Retry-After", strconv.Itoa(int(wait.Seconds())))
		answer.Error(rw, http.StatusTooManyRequests, "TooManyRequests",
			fmt.Sprintf("too many logins failed, try again in %d seconds", int(wait.Seconds())))

		return
	}

	who, err := d.verify(req.Context(), given)
	if errors.Is(err, account.ErrBusy) {
		rw.Header().Set("Retry-After", "1")
		answer.Error(rw, http.StatusServiceUnavailable, "ServiceUnavailable", err.Error())

		return
	}

	if errors.Is(err, account.ErrCredentials) {
		answer.Error(rw, http.StatusUnauthorized, "Unauthorized", "authentication failed")

		return
	}

	// Only who knows the password is told.
	if errors.Is(err, account.ErrDisabled) {
		answer.Error(rw, http.StatusForbidden, "PermissionDenied", err.Error())

		return
	}

	if err != nil {
		d.fail(rw, req, err)

		return
	}

	d.Brake.Forgive(given.Username, address)

	presented, made, err := d.Tokens.Mint(req.Context(), token.Request{
		UserID: who.Name, Kind: "session", Description: given.Description, Life: life(given.TTLMillis, d.Settings.SessionLife(req.Context())),
	})
	if err != nil {
		d.fail(rw, req, err)

		return
	}

	d.welcome(rw, given.ResponseType, presented, made)
}

func (d *Door) verify(ctx context.Context, given credentials) (*management.User, error) {
	if len(given.Username) > maxUsername {
		return nil, account.ErrCredentials
	}

	return d.Users.Verify(ctx, given.Username, given.Password)
}

// welcome hands out the token: in a cookie to a page, in the body to a program.
func (d *Door) welcome(rw http.ResponseWriter, responseType, presented string, made *management.Token) {
	if responseType == "cookie" {
		http.SetCookie(rw, &http.Cookie{
			Name: session.Cookie, Value: presented, Path: "/", Secure: true, HttpOnly: true,
			SameSite: http.SameSiteLaxMode, MaxAge: int(made.TTLMillis / 1000),
		})
		rw.Header().Set("Content-Type", "application/json")
		answer.JSON(rw, http.StatusOK, map[string]any{"type": "token", "baseType": "token", "id": made.Name, "userId": made.UserID})

		return
	}

	answer.JSON(rw, http.StatusCreated, map[string]any{
		"type": "token", "baseType": "token", "id": made.Name, "name": made.Name, "token": presented,
		"userId": made.UserID, "authProvider": made.AuthProvider, "ttl": made.TTLMillis, "expiresAt": made.ExpiresAt,
		"expired": false, "isDerived": made.IsDerived, "current": true, "userPrincipal": "local://" + made.UserID,
	})
}

func (d *Door) logout(rw http.ResponseWriter, req *http.Request) {
	have := session.TokenFrom(req.Context())
	if have == nil {
		answer.Error(rw, http.StatusUnauthorized, "Unauthorized", "there is no session to end")

		return
	}

	if err := d.Tokens.Revoke(req.Context(), have.Name); err != nil {
		d.fail(rw, req, err)

		return
	}

	http.SetCookie(rw, &http.Cookie{
		Name: session.Cookie, Path: "/", Secure: true, HttpOnly: true, SameSite: http.SameSiteLaxMode, MaxAge: -1,
	})
	rw.Header().Set(session.HeaderAuth, "false")
	answer.JSON(rw, http.StatusOK, map[string]any{})
}

// providers lists how one can log in: by a local user alone.
func (d *Door) providers(path string) http.HandlerFunc {
	return func(rw http.ResponseWriter, req *http.Request) {
		base := "https://" + req.Host
		self := base + path + "/local"
		login := base + "/v3-public/localProviders/local?action=login"

		answer.JSON(rw, http.StatusOK, map[string]any{
			"type": "collection", "resourceType": "authProvider",
			"links": map[string]string{"self": base + path},
			"data": []map[string]any{{
				"id": "local", "type": "localProvider", "baseType": "authProvider", "enabled": true,
				"links":   map[string]string{"self": self},
				"actions": map[string]string{"login": login},
			}},
		})
	}
}

func (d *Door) fail(rw http.ResponseWriter, req *http.Request, err error) {
	d.Report(req.Context(), err)
	answer.Error(rw, http.StatusInternalServerError, "ServerError", "the login could not be handled, try again")
}

// life is how long a session lives: what was asked for, but no longer than usual.
func life(asked int64, usual time.Duration) time.Duration {
	if asked <= 0 || asked > usual.Milliseconds() {
		return usual
	}

	return time.Duration(asked) * time.Millisecond
}
