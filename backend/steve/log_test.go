package steve_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// lines is a log that can be read while it is written.
type lines struct {
	mutex sync.Mutex
	text  strings.Builder
}

// Write adds to the log.
func (l *lines) Write(text []byte) (int, error) {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	return l.text.Write(text)
}

// about are the lines in which a word stands.
func (l *lines) about(word string) []string {
	l.mutex.Lock()
	defer l.mutex.Unlock()
	var found []string
	for line := range strings.Lines(l.text.String()) {
		if strings.Contains(line, word) {
			found = append(found, line)
		}
	}
	return found
}

func TestLog(t *testing.T) {
	account := func(name string) string { return "system:serviceaccount:" + home + ":" + name }
	bearer := func(token string) map[string]string { return map[string]string{"Authorization": "Bearer " + token} }
	cases := map[string]struct {
		reason  string
		method  string
		headers map[string]string
		want    map[string]any
	}{
		"Read":    {"who, what, and what came of it: there is no such gadget", http.MethodGet, bearer(site.tokens[reader]), map[string]any{"method": "GET", "user": account(reader), "status": 404.0}},
		"Refused": {"what is refused is told as well", http.MethodDelete, bearer(site.tokens[reader]), map[string]any{"method": "DELETE", "user": account(reader), "status": 403.0}},
		"Nobody":  {"and who was turned away at the door", http.MethodGet, bearer("nonsense"), map[string]any{"method": "GET", "user": "", "status": 401.0}},
		"Odd":     {"a method that nobody knows is no new kind of figure", "BREW", bearer(site.tokens[reader]), map[string]any{"method": "other", "user": account(reader), "status": 405.0}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			path := "/v1/" + collection + "/home/log-" + strings.ToLower(name)
			send(t, site.port, tc.method, path+"?token=hush-hush", "", tc.headers)
			var about []string
			eventually(t, "the log has a line", func() bool {
				about = site.log.about(path)
				return len(about) > 0
			})
			if len(about) != 1 {
				t.Fatalf("%s: one line, got %q", tc.reason, about)
			}
			got := map[string]any{}
			if err := json.Unmarshal([]byte(about[0]), &got); err != nil {
				t.Fatalf("%s: a line is an object: %v: %s", tc.reason, err, about[0])
			}
			if diff := cmp.Diff(tc.want, map[string]any{"method": got["method"], "user": got["user"], "status": got["status"]}); diff != "" {
				t.Errorf("%s: -want +got:\n%s", tc.reason, diff)
			}
		})
	}
	for _, secret := range []string{"hush-hush", site.tokens[reader]} {
		if told := site.log.about(secret); len(told) > 0 {
			t.Errorf("a log tells no secrets: %q", told)
		}
	}
}
