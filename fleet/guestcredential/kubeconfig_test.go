package guestcredential

import (
	"encoding/base64"
	"fmt"
	"testing"
	"time"
)

func config(namespace, user string) string {
	return fmt.Sprintf(`{"apiVersion":"v1","kind":"Config","current-context":"c","contexts":[{"name":"c","context":{"cluster":"c","user":"u","namespace":%q}}],
"clusters":[{"name":"c","cluster":{"server":"https://192.0.2.1:6443"}}],"users":[{"name":"u","user":%s}]}`, namespace, user)
}

func token(claims string) string {
	return "e30." + base64.RawURLEncoding.EncodeToString([]byte(claims)) + ".x"
}

func TestInspect(t *testing.T) {
	cases := map[string]struct {
		reason string
		text   string
		ends   int64
		usable bool
	}{
		"Opaque":    {"a token of which nothing is known is good until somebody says otherwise", config("guests", `{"token":"t"}`), 0, true},
		"Endless":   {"the token of a secret does not end", config("guests", `{"token":"`+token(`{"iat":100}`)+`"}`), 0, true},
		"Ending":    {"one that was asked for does", config("guests", `{"token":"`+token(`{"iat":100,"exp":400}`)+`"}`), 400, true},
		"Elsewhere": {"machines would be looked for in another namespace", config("other", `{"token":"t"}`), 0, false},
		"Program":   {"nodes would run what a site says", config("guests", `{"exec":{"command":"sh","apiVersion":"client.authentication.k8s.io/v1"}}`), 0, false},
		"File":      {"nodes would read a file of theirs", config("guests", `{"tokenFile":"/etc/shadow"}`), 0, false},
		"Nobody":    {"it opens nothing", config("guests", `{}`), 0, false},
		"Garbage":   {"it is none", "nonsense: [", 0, false},
		"Empty":     {"it leads nowhere", "{}", 0, false},
		"BadCert":   {"its certificate is none", config("guests", `{"client-certificate-data":"eA=="}`), 0, false},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			life, err := inspect([]byte(tc.text), "guests")
			if (err == nil) != tc.usable {
				t.Errorf("%s: got %v", tc.reason, err)
			}
			if ends := life.end; tc.ends > 0 && ends.Unix() != tc.ends || tc.ends == 0 && !ends.IsZero() {
				t.Errorf("%s: it ends %v", tc.reason, ends)
			}
		})
	}
}

func TestRenewal(t *testing.T) {
	at := func(hours int) time.Time { return time.Unix(0, 0).Add(time.Duration(hours) * time.Hour) }
	cases := map[string]struct {
		reason string
		life   life
		now    time.Time
		want   time.Duration
	}{
		"Endless": {"it is looked at now and then", life{}, at(0), longest},
		"Long":    {"also when it lasts", life{at(0), at(2400)}, at(0), longest},
		"Short":   {"two thirds are over", life{at(0), at(9)}, at(0), 6 * time.Hour},
		"Going":   {"reckoned from its beginning", life{at(0), at(9)}, at(4), 2 * time.Hour},
		"Over":    {"at once, and not in a loop", life{at(0), at(9)}, at(10), soonest},
		"NoBegin": {"reckoned from now where nobody says", life{end: at(9)}, at(0), 6 * time.Hour},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if got := tc.life.renewal(tc.now, longest); got != tc.want {
				t.Errorf("%s: in %v, want %v", tc.reason, got, tc.want)
			}
		})
	}
}
