package steve

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/apiserver/pkg/endpoints/request"
)

const (
	warmTime = time.Minute
	warmPoll = 100 * time.Millisecond
)

// warmed are what a page asks for first. Each of the first lists may fail while
// Steve learns the columns of its type, and a page that meets that gives up.
var warmed = []string{
	"/v1/management.cattle.io.settings", "/v1/management.cattle.io.features", "/v1/namespaces", "/v1/counts",
	"/v1/management.cattle.io.clusters", "/v1/management.cattle.io.users", "/v1/provisioning.cattle.io.clusters",
	"/v1/management.cattle.io.projects",
}

// Warm asks a Steve server for what a page asks first, until it answers.
func Warm(ctx context.Context, steve http.Handler) error {
	who := &user.DefaultInfo{Name: "system:croft-fleet", Groups: []string{user.SystemPrivilegedGroup, user.AllAuthenticated}}

	for _, path := range warmed {
		var last int

		err := wait.PollUntilContextTimeout(ctx, warmPoll, warmTime, true, func(ctx context.Context) (bool, error) {
			req, err := http.NewRequestWithContext(request.WithUser(ctx, who), http.MethodGet, "https://localhost"+path, nil)
			if err != nil {
				return false, err
			}

			answer := &discard{header: http.Header{}, status: http.StatusOK}
			steve.ServeHTTP(answer, req)
			last = answer.status

			return last == http.StatusOK, nil
		})
		if err != nil {
			return errors.Join(fmt.Errorf("steve does not list %s, it answers %d", path, last), err)
		}
	}

	return nil
}

// discard is an answer of which only the status counts.
type discard struct {
	header http.Header
	status int
}

// Header are the answer's headers.
func (d *discard) Header() http.Header { return d.header }

// Write forgets.
func (d *discard) Write(content []byte) (int, error) { return len(content), nil }

// WriteHeader remembers the status.
func (d *discard) WriteHeader(status int) { d.status = status }
