package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"kubevirt.io/kubevirt/pkg/virt-operator/resource/generate/components"
	"kubevirt.io/kubevirt/pkg/virt-operator/resource/generate/install"
	"kubevirt.io/kubevirt/pkg/virt-operator/util"

	"crofthci.io/croft/test/controlplane/apply"
)

// version is KubeVirt's, as its own build would say it.
const version = "v1.8.4"

// operator is what the install commands share: the cluster and KubeVirt's own
// list of what belongs into it.
type operator struct {
	namespace string
	config    *rest.Config
	cluster   *apply.Cluster
	core      kubernetes.Interface
	strategy  *install.Strategy
}

// flags are the command line of the install commands.
type flags struct {
	kubeconfig, namespace, out string
	virtAPIPort                int
}

func parse() flags {
	var f flags
	set := flag.NewFlagSet(os.Args[0], flag.ExitOnError)
	set.StringVar(&f.kubeconfig, "kubeconfig", os.Getenv("KUBECONFIG"), "path of an administrator's kubeconfig")
	set.StringVar(&f.namespace, "namespace", "kubevirt", "namespace of KubeVirt's own objects")
	set.IntVar(&f.virtAPIPort, "virt-api-port", 8443, "TCP port on localhost where virt-api listens (install)")
	set.StringVar(&f.out, "out", ".", "folder for certificates (certificates)")
	_ = set.Parse(os.Args[1:]) // ExitOnError
	return f
}

func newOperator(f flags) (*operator, error) {
	config, err := apply.Config(f.kubeconfig)
	if err != nil {
		return nil, err
	}
	cluster, err := apply.To(config, "virt-operator")
	if err != nil {
		return nil, err
	}
	core, err := kubernetes.NewForConfig(config)
	if err != nil {
		return nil, err
	}
	strategy, err := strategyOf(f.namespace)
	if err != nil {
		return nil, err
	}
	return &operator{f.namespace, config, cluster, core, strategy}, nil
}

// strategyOf asks KubeVirt's operator code what an installation consists of.
func strategyOf(namespace string) (*install.Strategy, error) {
	for name, value := range map[string]string{
		"VIRT_OPERATOR_IMAGE": "localhost/kubevirt/virt-operator:" + version,
		"KUBEVIRT_VERSION":    version,
	} {
		if err := os.Setenv(name, value); err != nil {
			return nil, err
		}
	}
	return install.GenerateCurrentInstallStrategy(util.GetTargetConfigFromKV(kubeVirt(namespace)), "", namespace)
}

// installKubeVirt puts all of KubeVirt but its workloads into the cluster:
// those run as plain processes.
func installKubeVirt() error {
	f := parse()
	o, err := newOperator(f)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
	defer cancel()
	steps := []struct {
		what string
		do   func(context.Context) error
	}{
		{"namespace", o.namespaces},
		{"definitions", o.definitions},
		{"rights", o.rights},
		{"KubeVirt", o.kubeVirt},
		{"certificates", o.certificates},
		{"services", func(ctx context.Context) error { return o.services(ctx, f.virtAPIPort) }},
	}
	for _, step := range steps {
		if err := step.do(ctx); err != nil {
			return fmt.Errorf("%s: %w", step.what, err)
		}
	}
	return nil
}

func (o *operator) namespaces(ctx context.Context) error {
	return o.cluster.Object(ctx, &corev1.Namespace{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "Namespace"},
		ObjectMeta: metav1.ObjectMeta{Name: o.namespace},
	})
}

func (o *operator) definitions(ctx context.Context) error {
	crd, err := components.NewKubeVirtCrd()
	if err != nil {
		return err
	}
	return o.cluster.Objects(ctx, append([]runtime.Object{crd}, objects(o.strategy.CRDs())...)...)
}

func (o *operator) rights(ctx context.Context) error {
	for _, list := range [][]runtime.Object{
		objects(o.strategy.ServiceAccounts()),
		objects(o.strategy.ClusterRoles()),
		objects(o.strategy.ClusterRoleBindings()),
		objects(o.strategy.Roles()),
		objects(o.strategy.RoleBindings()),
		objects(o.strategy.ValidatingAdmissionPolicies()),
		objects(o.strategy.ValidatingAdmissionPolicyBindings()),
	} {
		if err := o.cluster.Objects(ctx, list...); err != nil {
			return err
		}
	}
	return nil
}

// installInstancetypes puts KubeVirt's common instance types and preferences
// into the cluster; virt-api must be up, because it admits them.
func installInstancetypes() error {
	o, err := newOperator(parse())
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
	defer cancel()
	if err := o.cluster.Objects(ctx, objects(o.strategy.Instancetypes())...); err != nil {
		return err
	}
	return o.cluster.Objects(ctx, objects(o.strategy.Preferences())...)
}

// objects widens a list of one kind to a list of any.
func objects[T runtime.Object](list []T) []runtime.Object {
	wide := make([]runtime.Object, len(list))
	for i, object := range list {
		wide[i] = object
	}
	return wide
}
