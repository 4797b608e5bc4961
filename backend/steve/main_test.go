package steve_test

import (
	"context"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"os"
	"testing"
	"time"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/backend/capability"
	"crofthci.io/croft/backend/steve"
	"crofthci.io/croft/test/controlplane"
)

// site is one real API server with one Steve server, for all tests of the package.
var site struct {
	config *rest.Config
	admin  client.Client
	server *steve.Server
	// port answers as the server's own port does, tunnel as the tunnel does.
	port, tunnel *httptest.Server
	// tokens are the bearer tokens of the users in cast.
	tokens map[string]string
	// log is what the server has logged.
	log *lines
}

// patience is how long anything may take on a busy machine.
const patience = 2 * time.Minute

func TestMain(m *testing.M) {
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func run(m *testing.M) (int, error) {
	dir, err := os.MkdirTemp("", "steve")
	if err != nil {
		return 1, err
	}
	defer os.RemoveAll(dir)
	if err := os.Chdir(dir); err != nil { // Steve's cache goes there
		return 1, err
	}
	config, stop, err := controlplane.ForPackage(dir + "/plane")
	if err != nil {
		return 1, err
	}
	defer stop()
	site.config = config
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	if err := raise(ctx); err != nil {
		return 1, err
	}
	defer site.port.Close()
	defer site.tunnel.Close()
	return m.Run(), nil
}

// raise brings up the site: the definition, the users, the gadgets, the server.
func raise(ctx context.Context) error {
	if err := apiextensionsv1.AddToScheme(scheme.Scheme); err != nil {
		return err
	}
	var err error
	if site.admin, err = client.New(site.config, client.Options{Scheme: scheme.Scheme}); err != nil {
		return err
	}
	if err := define(ctx, site.admin); err != nil {
		return err
	}
	if site.tokens, err = enrol(ctx, site.admin); err != nil {
		return err
	}
	steve.LogTo(slog.New(slog.DiscardHandler))
	authenticator, err := steve.ByToken(site.config)
	if err != nil {
		return err
	}
	site.log = &lines{}
	site.server, err = steve.New(ctx, steve.Options{
		Config: site.config, Authenticator: authenticator,
		Capabilities: []capability.Capability{gadgets}, Log: slog.New(slog.NewJSONHandler(site.log, nil)),
	})
	if err != nil {
		return err
	}
	site.port = httptest.NewTLSServer(site.server.Handler())
	site.tunnel = httptest.NewTLSServer(site.server.TunnelHandler())
	if err := site.server.Start(ctx); err != nil {
		return err
	}
	return wait.PollUntilContextTimeout(ctx, 50*time.Millisecond, patience, true, func(context.Context) (bool, error) {
		ready, _ := site.server.Ready()
		return ready, nil
	})
}
