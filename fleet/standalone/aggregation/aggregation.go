// Package aggregation hands some paths of the hub to programs that dial in: each
// management.cattle.io/v3 APIService names the paths and a Secret, the hub fills
// the Secret with address and token, the program dials (Steve's aggregation), and
// what matches goes through its session as the user who asks. Begin reading at
// Registry for the requests and at Setup for the objects.
package aggregation

import (
	"crypto/subtle"
	"net/http"
	"strings"
	"sync"

	"crofthci.io/croft/fleet/standalone/answer"
	"crofthci.io/croft/fleet/standalone/proxy"
	"crofthci.io/croft/fleet/standalone/session"
	"crofthci.io/croft/pkg/rancher/management"
)

// Key is the tunnel's key of an APIService, which follows from its UID, so that a
// new object under an old name needs a new token.
func Key(uid string) string { return "stv-" + uid }

// Registry knows which paths belong to whom.
type Registry struct {
	mutex    sync.RWMutex
	services map[string]*management.APIService
	// tokens are the services' tokens, by their names.
	tokens map[string]string
}

// NewRegistry makes a registry that knows nobody.
func NewRegistry() *Registry {
	return &Registry{services: map[string]*management.APIService{}, tokens: map[string]string{}}
}

// expect remembers a service's token.
func (r *Registry) expect(name, token string) {
	r.mutex.Lock()
	defer r.mutex.Unlock()

	r.tokens[name] = token
}

// expected is the service whose token this is, or nil.
func (r *Registry) expected(presented string) *management.APIService {
	r.mutex.RLock()
	defer r.mutex.RUnlock()

	var found *management.APIService

	for name, token := range r.tokens {
		if subtle.ConstantTimeCompare([]byte(token), []byte(presented)) == 1 {
			found = r.services[name]
		}
	}

	return found
}

func (r *Registry) put(service *management.APIService) {
	r.mutex.Lock()
	defer r.mutex.Unlock()

	r.services[service.Name] = service
}

func (r *Registry) drop(name string) *management.APIService {
	r.mutex.Lock()
	defer r.mutex.Unlock()

	have := r.services[name]
	delete(r.services, name)
	delete(r.tokens, name)

	return have
}

// Find is the service that a path belongs to, or nil. The longest prefix wins; a
// whole path wins over every prefix.
func (r *Registry) Find(path string) *management.APIService {
	r.mutex.RLock()
	defer r.mutex.RUnlock()

	var (
		found  *management.APIService
		length int
	)

	for _, service := range r.services {
		for _, whole := range service.Spec.Paths {
			if whole == path {
				return service
			}
		}

		for _, prefix := range service.Spec.PathPrefixes {
			if prefix != "" && strings.HasPrefix(path, prefix) && len(prefix) > length {
				found, length = service, len(prefix)
			}
		}
	}

	return found
}

// Wrap hands over what belongs to a service and lets the rest pass. The user must
// be known: what is open to everybody is not handed over.
func (r *Registry) Wrap(backend *proxy.Backend, next http.Handler) http.Handler {
	return http.HandlerFunc(func(rw http.ResponseWriter, req *http.Request) {
		service := r.Find(req.URL.Path)
		if service == nil {
			next.ServeHTTP(rw, req)

			return
		}

		who := session.UserFrom(req.Context())
		if who == nil {
			answer.Error(rw, http.StatusUnauthorized, "Unauthorized", "must authenticate")

			return
		}

		key := Key(string(service.UID))
		if !backend.Connected(key) {
			rw.Header().Set("Retry-After", "5")
			answer.Error(rw, http.StatusServiceUnavailable, "ClusterUnavailable",
				"Handler disconnected: the program behind the API service "+service.Name+" has no tunnel to this server")

			return
		}

		backend.Serve(rw, req, key, who, "")
	})
}
