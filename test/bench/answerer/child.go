package answerer

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"syscall"
	"time"

	"github.com/sirupsen/logrus"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/apiserver/pkg/authentication/user"
	"k8s.io/apiserver/pkg/endpoints/request"
	"k8s.io/client-go/rest"

	"crofthci.io/croft/backend/capability"
	"crofthci.io/croft/backend/steve"
	"crofthci.io/croft/backend/virtualmachine"
)

// variable holds what the child is to be.
const variable = "CROFT_BENCH_ANSWERER"

// Path is where a site's server has its machines.
const Path = "/v1/kubevirt.io.virtualmachines"

// order is what the child is told.
type order struct {
	Host, Token          string
	CA, Certificate, Key []byte
	// Formatted says that rows carry what Croft says of machines.
	Formatted bool
	Machines  int
}

// Child is the server, if the process was started as one: it then never returns. It ends when its standard input does.
func Child() {
	text := os.Getenv(variable)
	if text == "" {
		return
	}
	if err := serve(text); err != nil {
		fmt.Fprintln(os.Stderr, "the server:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

func serve(text string) error {
	var o order
	if err := json.Unmarshal([]byte(text), &o); err != nil {
		return err
	}
	logrus.SetOutput(io.Discard)
	handler, err := o.start(context.Background())
	if err != nil {
		return err
	}
	fmt.Println("ready")
	asked := bufio.NewScanner(os.Stdin)
	for asked.Scan() {
		cost, err := costOf(handler, asked.Text())
		if err != nil {
			return err
		}
		if err := json.NewEncoder(os.Stdout).Encode(cost); err != nil {
			return err
		}
	}
	return asked.Err()
}

// start starts the server and waits until it knows all machines.
func (o order) start(ctx context.Context) (http.Handler, error) {
	var capabilities []capability.Capability
	if o.Formatted {
		capabilities = []capability.Capability{virtualmachine.Capability}
	}
	server, err := steve.New(ctx, steve.Options{
		Config: &rest.Config{
			Host: o.Host, BearerToken: o.Token, QPS: -1,
			TLSClientConfig: rest.TLSClientConfig{CAData: o.CA, CertData: o.Certificate, KeyData: o.Key},
		},
		Capabilities: capabilities, Version: "bench", Log: slog.New(slog.DiscardHandler),
		Authenticator: func(req *http.Request) (user.Info, error) {
			caller, _ := request.UserFrom(req.Context())
			return caller, nil
		},
	})
	if err != nil {
		return nil, err
	}
	if err := server.Start(ctx); err != nil {
		return nil, err
	}
	handler := server.Handler()
	return handler, wait.PollUntilContextTimeout(ctx, 100*time.Millisecond, 5*time.Minute, true, func(context.Context) (bool, error) {
		if ready, _ := server.Ready(); !ready {
			return false, nil
		}
		answer := get(handler, Path+"?page=1&pagesize=1")
		var all struct{ Count int }
		return answer.Code == http.StatusOK && json.Unmarshal(answer.Body.Bytes(), &all) == nil && all.Count == o.Machines, nil
	})
}

// costOf asks once.
func costOf(handler http.Handler, path string) (Cost, error) {
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	spent, err := cpu()
	if err != nil {
		return Cost{}, err
	}
	answer := get(handler, path)
	now, err := cpu()
	if err != nil {
		return Cost{}, err
	}
	runtime.ReadMemStats(&after)
	if answer.Code != http.StatusOK {
		return Cost{}, fmt.Errorf("GET %s answered %d %s", path, answer.Code, answer.Body)
	}
	return Cost{CPU: now - spent, Allocations: after.Mallocs - before.Mallocs, Bytes: uint64(answer.Body.Len())}, nil
}

// get asks as somebody who may do all.
func get(handler http.Handler, path string) *httptest.ResponseRecorder {
	req := httptest.NewRequest(http.MethodGet, path, nil)
	master := &user.DefaultInfo{Name: "admin", Groups: []string{user.SystemPrivilegedGroup, user.AllAuthenticated}}
	req.Header.Set("Accept", "application/json")
	answer := httptest.NewRecorder()
	handler.ServeHTTP(answer, req.WithContext(request.WithUser(req.Context(), master)))
	return answer
}

// cpu is what the process has used of the processors.
func cpu() (time.Duration, error) {
	var usage syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &usage); err != nil {
		return 0, err
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano()), nil
}
