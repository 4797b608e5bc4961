package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/go-logr/logr"
	corev1 "k8s.io/api/core/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	apimeta "k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/wait"
	"k8s.io/apimachinery/pkg/util/yaml"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	apiregistrationv1 "k8s.io/kube-aggregator/pkg/apis/apiregistration/v1"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/backend/steve"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/cdi"
	"crofthci.io/croft/pkg/csi"
	"crofthci.io/croft/pkg/kubevirt"
	"crofthci.io/croft/test/controlplane"
	"crofthci.io/croft/test/manager"
	"crofthci.io/croft/test/sandbox/process"
)

// site is a real API server with KubeVirt's real API server, and the backend as it is shipped. What needs a node is
// written by hand, as KubeVirt's own controllers and handlers would write it.
var site struct {
	// admin may do everything; kubevirt is KubeVirt's controller.
	admin, kubevirt client.Client
	// api is the backend's own port, and tokens open it.
	api    *httptest.Server
	tokens map[string]string
	// cluster is the control plane.
	cluster *controlplane.Cluster
}

// patience is how long anything may take on a busy machine.
const patience = 4 * time.Minute

func TestMain(m *testing.M) {
	if arguments, ok := os.LookupEnv(asProgram); ok {
		os.Args = append(os.Args[:1], strings.Split(arguments, "\n")...)
		main()
		return
	}
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func run(m *testing.M) (int, error) {
	_, here, _, _ := runtime.Caller(0)
	definitions := filepath.Join(filepath.Dir(here), "..", "charts", "croft-crd", "templates")
	dir, err := os.MkdirTemp("", "backend")
	if err != nil {
		return 1, err
	}
	defer os.RemoveAll(dir)
	supervisor := process.New(nil)
	defer supervisor.Stop()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	cluster, err := raise(ctx, supervisor, filepath.Join(dir, "site"), definitions)
	if err != nil {
		return 1, err
	}
	site.cluster = cluster
	if err := enter(filepath.Join(dir, "data")); err != nil {
		return 1, err
	}
	config, err := cluster.Config()
	if err != nil {
		return 1, err
	}
	if err := serve(ctx, config); err != nil {
		return 1, err
	}
	defer site.api.Close()
	return m.Run(), nil
}

// raise starts the control plane and gives it the definitions and the users.
func raise(ctx context.Context, supervisor *process.Supervisor, dir, definitions string) (*controlplane.Cluster, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	ports, _, err := controlplane.Reserve(controlplane.Listeners...) // until the process ends
	if err != nil {
		return nil, err
	}
	cluster, err := controlplane.NewCluster("site", dir, ports)
	if err != nil {
		return nil, err
	}
	server, err := cluster.APIServer()
	if err != nil {
		return nil, err
	}
	virtAPI, err := cluster.VirtAPI()
	if err != nil {
		return nil, err
	}
	for _, spec := range []process.Spec{cluster.Etcd(), server} {
		if err := supervisor.Start(ctx, spec); err != nil {
			return nil, err
		}
	}
	for _, spec := range cluster.InstallKubeVirt() {
		if err := supervisor.Once(ctx, spec); err != nil {
			return nil, err
		}
	}
	if err := supervisor.Start(ctx, virtAPI); err != nil {
		return nil, err
	}
	if err := fitOut(ctx, cluster, definitions); err != nil {
		return nil, err
	}
	return cluster, aggregated(ctx)
}

// aggregated waits until the API server passes KubeVirt's verbs on.
func aggregated(ctx context.Context) error {
	service := &apiregistrationv1.APIService{}
	key := client.ObjectKey{Name: kubevirt.SubresourceGroupVersion.Version + "." + kubevirt.SubresourceGroupVersion.Group}
	return wait.PollUntilContextCancel(ctx, 50*time.Millisecond, true, func(ctx context.Context) (bool, error) {
		if err := site.admin.Get(ctx, key, service); err != nil {
			return false, err
		}
		for _, condition := range service.Status.Conditions {
			if condition.Type == apiregistrationv1.Available && condition.Status == apiregistrationv1.ConditionTrue {
				return true, nil
			}
		}
		return false, nil
	})
}

// fitOut makes the clients, Croft's definitions, and what the tests' users find.
func fitOut(ctx context.Context, cluster *controlplane.Cluster, definitions string) error {
	scheme := apimeta.NewScheme()
	for _, add := range []func(*apimeta.Scheme) error{
		clientgoscheme.AddToScheme, kubevirt.AddToScheme, apiextensionsv1.AddToScheme, apiregistrationv1.AddToScheme,
		harvesterv1.AddToScheme, cdi.AddToScheme, csi.AddToScheme,
	} {
		if err := add(scheme); err != nil {
			return err
		}
	}
	config, err := cluster.Config()
	if err != nil {
		return err
	}
	if site.admin, err = client.New(config, client.Options{Scheme: scheme}); err != nil {
		return err
	}
	kubeconfig, err := cluster.KubeconfigFor("controller", controlplane.ServiceAccount("kubevirt", "kubevirt-controller"))
	if err != nil {
		return err
	}
	if config, err = clientcmd.BuildConfigFromFlags("", kubeconfig); err != nil {
		return err
	}
	if site.kubevirt, err = client.New(config, client.Options{Scheme: scheme}); err != nil {
		return err
	}
	if err := define(ctx, definitions); err != nil {
		return err
	}
	for _, definition := range worlds {
		if err := site.admin.Create(ctx, definition); client.IgnoreAlreadyExists(err) != nil {
			return err
		}
	}
	if err := populate(ctx); err != nil {
		return err
	}
	site.tokens, err = enrol(ctx)
	return err
}

// worlds are the kinds of what does not run here, without their schemas.
var worlds = []*apiextensionsv1.CustomResourceDefinition{
	manager.Open(cdi.DataVolumeKind, false), manager.OpenCluster(cdi.StorageProfileKind), manager.OpenCluster(cdi.InstallationKind),
	manager.Open(cdi.UploadTokenRequestKind, false), manager.Open(csi.VolumeSnapshotKind, false), manager.OpenCluster(csi.VolumeSnapshotClassKind),
}

// define makes Croft's definitions as the chart has them.
func define(ctx context.Context, dir string) error {
	files, err := filepath.Glob(filepath.Join(dir, "*.yaml"))
	if err != nil {
		return err
	}
	for _, file := range files {
		open, err := os.Open(file)
		if err != nil {
			return err
		}
		defer open.Close()
		decoder := yaml.NewYAMLOrJSONDecoder(open, 4096)
		for {
			definition := &apiextensionsv1.CustomResourceDefinition{}
			if err := decoder.Decode(definition); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				return fmt.Errorf("%s: %w", file, err)
			}
			if err := site.admin.Create(ctx, definition); err != nil {
				return fmt.Errorf("%s: %w", file, err)
			}
		}
	}
	return nil
}

// populate makes three nodes that take machines.
func populate(ctx context.Context) error {
	for _, name := range []string{"a", "b", "c"} {
		node := &corev1.Node{}
		node.Name = name
		node.Labels = map[string]string{kubevirt.NodeSchedulable: "true", corev1.LabelHostname: name + ".example.org"}
		if err := site.admin.Create(ctx, node); err != nil {
			return err
		}
		node.Spec.Taints = nil // the API server taints new nodes, and there is no controller to take it back
		if err := site.admin.Update(ctx, node); err != nil {
			return err
		}
		node.Status.Conditions = []corev1.NodeCondition{{Type: corev1.NodeReady, Status: corev1.ConditionTrue}}
		if err := site.admin.Status().Update(ctx, node); err != nil {
			return err
		}
	}
	return nil
}

// serve starts the backend as it is shipped, but for the listener.
func serve(ctx context.Context, config *rest.Config) error {
	log := slog.New(slog.DiscardHandler)
	steve.LogTo(log)
	ctrl.SetLogger(logr.FromSlogHandler(log.Handler()))
	authenticator, err := steve.ByToken(config)
	if err != nil {
		return err
	}
	server, err := steve.New(ctx, steve.Options{
		Config: config, Capabilities: capabilities, Authenticator: authenticator, Log: log,
	})
	if err != nil {
		return err
	}
	site.api = httptest.NewTLSServer(server.Handler())
	if err := server.Start(ctx); err != nil {
		return err
	}
	var waiting string
	err = wait.PollUntilContextTimeout(ctx, 50*time.Millisecond, patience, true, func(context.Context) (bool, error) {
		var ready bool
		ready, waiting = server.Ready()
		return ready, nil
	})
	if err != nil {
		return fmt.Errorf("%w: %s", err, waiting)
	}
	return nil
}
