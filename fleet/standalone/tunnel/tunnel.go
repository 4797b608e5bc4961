// Package tunnel holds the other end of what dials in: agents of sites, backends
// of sites and programs behind an APIService, each as one remotedialer session
// under a key. It finds out who dials by a list of authorizers, tells when a key
// comes and goes, and can cut one off at once. What is sent through the tunnels
// is the business of the proxies. Begin reading at Server.
package tunnel

import (
	"bufio"
	"context"
	"errors"
	"net"
	"net/http"
	"sync"

	"github.com/rancher/remotedialer"

	"crofthci.io/croft/fleet/standalone/answer"
)

// Caller is who dials in.
type Caller struct {
	// Key is the session's key, such as a cluster's id or stv-cluster-<id>.
	Key string
	// Arrived runs before the tunnel opens, to remember what the caller brought;
	// an error refuses him. May be nil.
	Arrived func(ctx context.Context) error
}

// Authorizer finds out who dials in; nil means: none of mine, ask the next. Where
// OnlyKnown says so it asks nobody but its memory about a token.
type Authorizer func(req *http.Request) (*Caller, error)

// Strangers counts the tokens that nobody knows, by where they come from.
type Strangers interface {
	// Blame counts one.
	Blame(req *http.Request)
	// Blamed tells whether there were too many.
	Blamed(req *http.Request) bool
}

type onlyKnown struct{}

// OnlyKnown tells whether the caller comes from where too many tokens were wrong.
func OnlyKnown(ctx context.Context) bool { return ctx.Value(onlyKnown{}) != nil }

// Server is Rancher's /v3/connect.
type Server struct {
	// Authorizers are asked in turn.
	Authorizers []Authorizer
	// Strangers counts tokens that nobody knows; may be nil.
	Strangers Strangers
	// Changed is told that a key came or went; it must not block.
	Changed func(key string)
	// Report is told what went wrong inside.
	Report func(ctx context.Context, err error)

	dialer *remotedialer.Server
	mutex  sync.Mutex
	conns  map[string]map[net.Conn]struct{}
}

type keyOfContext struct{}

// New makes a server without sessions.
func New(changed func(key string), report func(context.Context, error), authorizers ...Authorizer) *Server {
	s := &Server{Authorizers: authorizers, Changed: changed, Report: report, conns: map[string]map[net.Conn]struct{}{}}
	// Who dials is settled before remotedialer is asked.
	s.dialer = remotedialer.New(func(req *http.Request) (string, bool, error) {
		key, ok := req.Context().Value(keyOfContext{}).(string)

		return key, ok, nil
	}, remotedialer.DefaultErrorWriter)

	return s
}

// ServeHTTP takes a caller in and stays until he is gone.
func (s *Server) ServeHTTP(rw http.ResponseWriter, req *http.Request) {
	caller, err := s.identify(req)
	if err != nil {
		s.Report(req.Context(), err)
		answer.Error(rw, http.StatusServiceUnavailable, "ServerError", "the caller could not be checked, try again")

		return
	}

	if caller == nil {
		answer.Error(rw, http.StatusUnauthorized, "Unauthorized", "the tunnel's token is not known, register again")

		return
	}

	if caller.Arrived != nil {
		if err := caller.Arrived(req.Context()); err != nil {
			s.Report(req.Context(), err)
			answer.Error(rw, http.StatusBadRequest, "InvalidBodyContent", err.Error())

			return
		}
	}

	// The Authorization header is for this server, and peers are not ours.
	req = req.Clone(context.WithValue(req.Context(), keyOfContext{}, caller.Key))
	req.Header.Del(remotedialer.ID)
	req.Header.Del(remotedialer.Token)

	tracked := &trackingWriter{ResponseWriter: rw, server: s, key: caller.Key}
	defer tracked.done()

	s.dialer.ServeHTTP(tracked, req)
}

func (s *Server) identify(req *http.Request) (*Caller, error) {
	if s.Strangers != nil && s.Strangers.Blamed(req) {
		req = req.WithContext(context.WithValue(req.Context(), onlyKnown{}, true))
	}

	for _, authorizer := range s.Authorizers {
		caller, err := authorizer(req)
		if caller != nil || err != nil {
			return caller, err
		}
	}

	if s.Strangers != nil {
		s.Strangers.Blame(req)
	}

	return nil, nil //nolint:nilnil // nobody knows him.
}

// Connected tells whether somebody is there under a key.
func (s *Server) Connected(key string) bool { return s.dialer.HasSession(key) }

// Dial opens a connection through the session of a key. The address is what the
// other end dials; it need not be an address that this machine knows.
func (s *Server) Dial(key string) func(ctx context.Context, network, address string) (net.Conn, error) {
	return s.dialer.Dialer(key)
}

// Cut ends every session of a key at once.
func (s *Server) Cut(key string) {
	s.mutex.Lock()
	defer s.mutex.Unlock()

	for conn := range s.conns[key] {
		_ = conn.Close()
	}
}

// CutAll ends every session, as the server stops: who dialled in then dials again.
func (s *Server) CutAll() {
	s.mutex.Lock()
	defer s.mutex.Unlock()

	for _, conns := range s.conns {
		for conn := range conns {
			_ = conn.Close()
		}
	}
}

func (s *Server) add(key string, conn net.Conn) {
	s.mutex.Lock()
	defer s.mutex.Unlock()

	if s.conns[key] == nil {
		s.conns[key] = map[net.Conn]struct{}{}
	}

	s.conns[key][conn] = struct{}{}
}

func (s *Server) remove(key string, conn net.Conn) {
	s.mutex.Lock()
	defer s.mutex.Unlock()

	delete(s.conns[key], conn)

	if len(s.conns[key]) == 0 {
		delete(s.conns, key)
	}
}

// trackingWriter remembers the connection that the websocket takes over, because
// remotedialer has no way to end a session from this side.
type trackingWriter struct {
	http.ResponseWriter
	server *Server
	key    string
	conn   net.Conn
}

// Hijack hands the connection over and remembers it.
func (w *trackingWriter) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	hijacker, ok := w.ResponseWriter.(http.Hijacker)
	if !ok {
		return nil, nil, errors.New("the connection cannot be taken over")
	}

	conn, buffer, err := hijacker.Hijack()
	if err != nil {
		return nil, nil, err
	}

	conn, buffer, err = heard(conn, buffer, silence)
	if err != nil {
		return nil, nil, err
	}

	w.conn = conn
	w.server.add(w.key, conn)
	// The session is registered a moment after this; who is told looks again.
	w.server.Changed(w.key)

	return conn, buffer, nil
}

func (w *trackingWriter) done() {
	if w.conn == nil {
		return
	}

	w.server.remove(w.key, w.conn)
	w.server.Changed(w.key)
}
