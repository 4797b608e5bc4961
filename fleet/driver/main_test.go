package driver

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	apimeta "k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/wait"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/tools/clientcmd"
	apiregistrationv1 "k8s.io/kube-aggregator/pkg/apis/apiregistration/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/kubevirt"
	"crofthci.io/croft/pkg/multus"
	"crofthci.io/croft/test/controlplane"
	"crofthci.io/croft/test/manager"
	"crofthci.io/croft/test/sandbox/process"
)

// world is a real API server of a site with KubeVirt's real API server. What a node and the site's controllers do is written
// by hand.
var world struct {
	// admin may do everything; kubevirt is KubeVirt's controller.
	admin, kubevirt client.Client
	server          string
	authority       []byte
}

// patience is how long anything may take on a busy machine.
const patience = 4 * time.Minute

func TestMain(m *testing.M) {
	code, err := run(m)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	os.Exit(code)
}

func run(m *testing.M) (int, error) {
	dir, err := os.MkdirTemp("", "driver")
	if err != nil {
		return 1, err
	}
	defer os.RemoveAll(dir)
	supervisor := process.New(nil)
	defer supervisor.Stop()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := raise(ctx, supervisor, filepath.Join(dir, "site")); err != nil {
		return 1, err
	}
	return m.Run(), nil
}

// raise starts the control plane.
func raise(ctx context.Context, supervisor *process.Supervisor, dir string) error {
	ports := controlplane.Ports{}
	if err := ports.Choose(controlplane.AllPorts, rand.Uint64(), nil, controlplane.Listeners...); err != nil {
		return err
	}
	cluster, err := controlplane.NewCluster("site", dir, ports)
	if err != nil {
		return err
	}
	server, err := cluster.APIServer()
	if err != nil {
		return err
	}
	virtAPI, err := cluster.VirtAPI()
	if err != nil {
		return err
	}
	for _, spec := range []process.Spec{cluster.Etcd(), server} {
		spec.Grace = time.Second // its data goes with the test
		if err := supervisor.Start(ctx, spec); err != nil {
			return err
		}
	}
	for _, spec := range cluster.InstallKubeVirt() {
		if err := supervisor.Once(ctx, spec); err != nil {
			return err
		}
	}
	virtAPI.Grace = time.Second
	if err := supervisor.Start(ctx, virtAPI); err != nil {
		return err
	}
	if err := fitOut(ctx, cluster); err != nil {
		return err
	}
	return aggregated(ctx)
}

// fitOut makes the clients and Croft's definitions.
func fitOut(ctx context.Context, cluster *controlplane.Cluster) error {
	scheme := apimeta.NewScheme()
	for _, add := range []func(*apimeta.Scheme) error{
		clientgoscheme.AddToScheme, kubevirt.AddToScheme, apiextensionsv1.AddToScheme, apiregistrationv1.AddToScheme, harvesterv1.AddToScheme,
	} {
		if err := add(scheme); err != nil {
			return err
		}
	}
	config, err := cluster.Config()
	if err != nil {
		return err
	}
	world.server, world.authority = config.Host, config.CAData
	if len(world.authority) == 0 {
		if world.authority, err = os.ReadFile(config.CAFile); err != nil {
			return err
		}
	}
	if world.admin, err = client.New(config, client.Options{Scheme: scheme}); err != nil {
		return err
	}
	kubeconfig, err := cluster.KubeconfigFor("controller", controlplane.ServiceAccount("kubevirt", "kubevirt-controller"))
	if err != nil {
		return err
	}
	if config, err = clientcmd.BuildConfigFromFlags("", kubeconfig); err != nil {
		return err
	}
	if world.kubevirt, err = client.New(config, client.Options{Scheme: scheme}); err != nil {
		return err
	}
	return define(ctx)
}

// define makes Croft's kinds as the chart has them, and that of networks without its schema.
func define(ctx context.Context) error {
	networks := manager.Open(multus.AttachmentKind, false)
	networks.Name = multus.Attachments.GroupResource().String()
	networks.Spec.Names.Plural = multus.Attachments.Resource
	definitions := []*apiextensionsv1.CustomResourceDefinition{networks}
	for _, kind := range []string{"virtualmachineimages", "keypairs"} {
		text, err := os.ReadFile("../../charts/croft-crd/templates/harvesterhci.io_" + kind + ".yaml")
		if err != nil {
			return err
		}
		definition := &apiextensionsv1.CustomResourceDefinition{}
		if err := yaml.Unmarshal(text, definition); err != nil {
			return err
		}
		definitions = append(definitions, definition)
	}
	for _, definition := range definitions {
		if err := world.admin.Create(ctx, definition); err != nil {
			return err
		}
		if err := established(ctx, definition); err != nil {
			return err
		}
	}
	return nil
}

// established waits until a kind is served.
func established(ctx context.Context, definition *apiextensionsv1.CustomResourceDefinition) error {
	return wait.PollUntilContextCancel(ctx, 50*time.Millisecond, true, func(ctx context.Context) (bool, error) {
		if err := world.admin.Get(ctx, client.ObjectKeyFromObject(definition), definition); err != nil {
			return false, err
		}
		for _, condition := range definition.Status.Conditions {
			if condition.Type == apiextensionsv1.Established && condition.Status == apiextensionsv1.ConditionTrue {
				return true, nil
			}
		}
		return false, nil
	})
}

// aggregated waits until the API server passes KubeVirt's verbs on.
func aggregated(ctx context.Context) error {
	service := &apiregistrationv1.APIService{}
	key := client.ObjectKey{Name: kubevirt.SubresourceGroupVersion.Version + "." + kubevirt.SubresourceGroupVersion.Group}
	return wait.PollUntilContextCancel(ctx, 50*time.Millisecond, true, func(ctx context.Context) (bool, error) {
		if err := world.admin.Get(ctx, key, service); err != nil {
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
