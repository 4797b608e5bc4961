package session

import (
	"crypto/rand"
	"crypto/subtle"
	"encoding/hex"
	"net/http"
	"net/url"
	"strings"
)

const (
	csrfCookie = "CSRF"
	csrfHeader = "X-API-CSRF"
	// csrfLength are the bytes of a CSRF token.
	csrfLength = 16
)

type refusal struct {
	status        int
	code, message string
}

// withCSRFCookie gives a browser its CSRF token. The page reads it from the
// cookie, so it is not HttpOnly; another site can neither read nor set it.
// Steve and norman would each make their own where it is missing, so the request
// carries the new one on.
func withCSRFCookie(rw http.ResponseWriter, req *http.Request) *http.Request {
	if cookie, err := req.Cookie(csrfCookie); err == nil && cookie.Value != "" {
		return req
	}

	if !isSafe(req) {
		return req
	}

	word := make([]byte, csrfLength)
	if _, err := rand.Read(word); err != nil {
		return req
	}

	cookie := &http.Cookie{
		Name: csrfCookie, Value: hex.EncodeToString(word), Path: "/", Secure: true, SameSite: http.SameSiteLaxMode,
	}
	http.SetCookie(rw, cookie)

	req = req.Clone(req.Context())
	req.AddCookie(cookie)

	return req
}

// unlessSameSite refuses what another site made the browser send.
func unlessSameSite(req *http.Request) *refusal {
	if isUpgrade(req) && !isOwnOrigin(req) {
		return &refusal{http.StatusForbidden, "Forbidden", "websockets are only for pages of this server"}
	}

	if isSafe(req) {
		return nil
	}

	cookie, err := req.Cookie(csrfCookie)
	if err != nil || cookie.Value == "" {
		return &refusal{http.StatusUnprocessableEntity, "InvalidCSRFToken", "Invalid CSRF token"}
	}

	if subtle.ConstantTimeCompare([]byte(cookie.Value), []byte(req.Header.Get(csrfHeader))) != 1 {
		return &refusal{http.StatusUnprocessableEntity, "InvalidCSRFToken", "Invalid CSRF token"}
	}

	return nil
}

// isSafe tells whether a request only reads. Steve and norman believe a query that
// names another method (_method) or an action, so a link could be a deletion.
func isSafe(req *http.Request) bool {
	query := req.URL.Query()
	if query.Get("action") != "" || query.Has("_method") && !isSafeMethod(query.Get("_method")) {
		return false
	}

	return isSafeMethod(req.Method)
}

func isSafeMethod(method string) bool {
	return method == http.MethodGet || method == http.MethodHead || method == http.MethodOptions
}

func isUpgrade(req *http.Request) bool {
	return strings.Contains(strings.ToLower(req.Header.Get("Connection")), "upgrade")
}

// isOwnOrigin tells whether a page of this server sent the request. Programs
// send no origin; browsers always do where it matters.
func isOwnOrigin(req *http.Request) bool {
	origin := req.Header.Get("Origin")
	if origin == "" {
		return true
	}

	parsed, err := url.Parse(origin)

	return err == nil && strings.EqualFold(parsed.Host, req.Host)
}

// OwnOrigin refuses what a page of another server sends, for the paths that are
// open before anybody logged in.
func OwnOrigin(next http.Handler) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, req *http.Request) {
		if !isSafe(req) && !isOwnOrigin(req) {
			http.Error(rw, "requests from pages of other servers are refused", http.StatusForbidden)

			return
		}

		next.ServeHTTP(rw, req)
	})
}
