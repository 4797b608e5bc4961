package farm

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"

	"golang.org/x/sync/errgroup"

	"crofthci.io/croft/test/bench/lightapi"
)

// variable holds what the child is to have.
const variable = "CROFT_BENCH_FARM"

// told is what the child says of itself, once.
type told struct {
	Authority []byte
	Hosts     []string
	Control   string
}

// Child is the farm, if the process was started as one: it then never returns. A farm ends when its standard input does.
func Child() {
	text := os.Getenv(variable)
	if text == "" {
		return
	}
	if err := serve(text); err != nil {
		fmt.Fprintln(os.Stderr, "the farm:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

func serve(text string) error {
	var spec Spec
	if err := json.Unmarshal([]byte(text), &spec); err != nil {
		return err
	}
	servers, err := spec.servers()
	if err != nil {
		return err
	}
	var said told
	sites := make([]*faulty, len(servers))
	for i, api := range servers {
		sites[i] = &faulty{handler: api}
		listener := httptest.NewUnstartedServer(sites[i])
		listener.EnableHTTP2 = true
		listener.StartTLS()
		said.Hosts = append(said.Hosts, listener.URL)
		said.Authority = listener.Certificate().Raw
	}
	control, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	said.Control = "http://" + control.Addr().String()
	go http.Serve(control, steer(sites)) //nolint:errcheck,gosec // it ends with the process
	if err := json.NewEncoder(os.Stdout).Encode(said); err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, os.Stdin)
	return err
}

// servers makes the servers and fills them.
func (s Spec) servers() ([]*lightapi.Server, error) {
	servers := make([]*lightapi.Server, s.Sites)
	var group errgroup.Group
	if s.Joined {
		servers = servers[:1]
		servers[0] = lightapi.New(kinds...)
		for site := range s.Sites {
			if err := s.fill(servers[0], site); err != nil {
				return nil, err
			}
		}
		return servers, nil
	}
	group.SetLimit(4)
	for site := range servers {
		servers[site] = lightapi.New(kinds...)
		group.Go(func() error { return s.fill(servers[site], site) })
	}
	return servers, group.Wait()
}

// steer gives a site a fault: POST /<site>?fault=dead.
func steer(sites []*faulty) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		number, err := strconv.Atoi(r.URL.Path[1:])
		if err != nil || number < 0 || number >= len(sites) {
			http.Error(w, "there is no such site", http.StatusNotFound)
			return
		}
		sites[number].fault.Store(Fault(r.URL.Query().Get("fault")))
	}
}
