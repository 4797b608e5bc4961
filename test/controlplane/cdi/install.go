package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes"
	kubernetesscheme "k8s.io/client-go/kubernetes/scheme"
	apiregistrationv1 "k8s.io/kube-aggregator/pkg/apis/apiregistration/v1"
	"k8s.io/utils/ptr"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	cdiv1 "kubevirt.io/containerized-data-importer-api/pkg/apis/core/v1beta1"
	"kubevirt.io/containerized-data-importer/pkg/controller"
	"kubevirt.io/containerized-data-importer/pkg/operator/resources/cluster"
	"kubevirt.io/containerized-data-importer/pkg/operator/resources/namespaced"
	"kubevirt.io/containerized-data-importer/pkg/operator/resources/operator"
	sdkapi "kubevirt.io/controller-lifecycle-operator-sdk/api"

	"crofthci.io/croft/test/controlplane/apply"
)

// installer is what the steps of install share.
type installer struct {
	options
	cluster *apply.Cluster
	core    kubernetes.Interface
	client  client.Client
}

// install puts all of CDI but its workloads into the cluster, with the
// definitions of snapshots and network attachments that it and KubeVirt expect.
func install(o options) error {
	ctx, cancel := context.WithTimeout(context.Background(), 3*time.Minute)
	defer cancel()
	i, err := newInstaller(o)
	if err != nil {
		return err
	}
	for _, step := range []struct {
		what string
		do   func(context.Context) error
	}{
		{"namespace", i.namespace},
		{"definitions of others", i.neighbours},
		{"definitions and rights", i.static},
		{"CDI", i.cdi},
		{"certificates", i.certificates},
		{"services", i.services},
		{"rights to find upload servers", i.dnsRights},
	} {
		if err := step.do(ctx); err != nil {
			return fmt.Errorf("%s: %w", step.what, err)
		}
	}
	return nil
}

func newInstaller(o options) (*installer, error) {
	target, err := apply.To(o.config, "cdi-operator")
	if err != nil {
		return nil, err
	}
	core, err := kubernetes.NewForConfig(o.config)
	if err != nil {
		return nil, err
	}
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{
		kubernetesscheme.AddToScheme, cdiv1.AddToScheme, apiextensionsv1.AddToScheme, apiregistrationv1.AddToScheme,
	} {
		if err := add(scheme); err != nil {
			return nil, err
		}
	}
	direct, err := client.New(o.config, client.Options{Scheme: scheme})
	if err != nil {
		return nil, err
	}
	return &installer{o, target, core, direct}, nil
}

func (i *installer) namespace(ctx context.Context) error {
	return i.cluster.Object(ctx, &corev1.Namespace{
		TypeMeta:   metav1.TypeMeta{APIVersion: "v1", Kind: "Namespace"},
		ObjectMeta: metav1.ObjectMeta{Name: namespace},
	})
}

// neighbours applies the definitions that the build laid beside this program.
func (i *installer) neighbours(ctx context.Context) error {
	program, err := os.Executable()
	if err != nil {
		return err
	}
	files, err := filepath.Glob(filepath.Join(filepath.Dir(program), "crds", "*.yaml"))
	if err != nil {
		return err
	}
	if len(files) == 0 {
		return fmt.Errorf("no definitions in %s: run `make controlplane`", filepath.Join(filepath.Dir(program), "crds"))
	}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		definition := &unstructured.Unstructured{}
		if err := yaml.Unmarshal(content, &definition.Object); err != nil {
			return fmt.Errorf("%s: %w", filepath.Base(file), err)
		}
		if err := i.cluster.Object(ctx, definition); err != nil {
			return err
		}
	}
	return nil
}

// static applies what does not depend on this cluster, definitions first.
func (i *installer) static(ctx context.Context) error {
	ofCluster, err := cluster.CreateAllStaticResources(&cluster.FactoryArgs{Namespace: namespace, Client: i.client, Logger: ctrl.Log})
	if err != nil {
		return err
	}
	ofNamespace, err := namespaced.CreateAllResources(&namespaced.FactoryArgs{Namespace: namespace, PullPolicy: pullPolicy, Verbosity: verbosity})
	if err != nil {
		return err
	}
	all := append([]client.Object{operator.NewCdiCrd()}, append(ofCluster, ofNamespace...)...)
	for _, definitions := range []bool{true, false} {
		for _, object := range all {
			if _, is := object.(*apiextensionsv1.CustomResourceDefinition); is != definitions {
				continue
			}
			if err := i.one(ctx, object); err != nil {
				return err
			}
		}
	}
	return nil
}

// one applies an object as it fits plain processes: no Deployments, and the
// Service of the API server as an alias of localhost.
func (i *installer) one(ctx context.Context, object client.Object) error {
	if _, isWorkload := object.(*appsv1.Deployment); isWorkload {
		return nil
	}
	if service, is := object.(*corev1.Service); is {
		service.Spec = corev1.ServiceSpec{Type: corev1.ServiceTypeExternalName, ExternalName: "localhost"}
	}
	kinds, _, err := i.client.Scheme().ObjectKinds(object)
	if err == nil {
		object.GetObjectKind().SetGroupVersionKind(kinds[0])
	}
	return i.cluster.Object(ctx, object)
}

// cdi applies the installation's own object, deployed as its operator would say.
func (i *installer) cdi(ctx context.Context) error {
	config := &cdiv1.CDIConfigSpec{FeatureGates: []string{"HonorWaitForFirstConsumer"}}
	if i.uploadProxy != "" {
		config.UploadProxyURLOverride = ptr.To(i.uploadProxy)
	}
	cdi := &cdiv1.CDI{
		TypeMeta: metav1.TypeMeta{APIVersion: cdiv1.SchemeGroupVersion.String(), Kind: "CDI"},
		// By this mark CDI's controllers take their configuration from here.
		ObjectMeta: metav1.ObjectMeta{Name: "cdi", Annotations: map[string]string{controller.AnnConfigAuthority: ""}},
		Spec:       cdiv1.CDISpec{Config: config},
	}
	if err := i.cluster.Object(ctx, cdi); err != nil {
		return err
	}
	if err := i.client.Get(ctx, client.ObjectKeyFromObject(cdi), cdi); err != nil {
		return err
	}
	cdi.Status.Phase = sdkapi.PhaseDeployed
	cdi.Status.ObservedVersion, cdi.Status.TargetVersion, cdi.Status.OperatorVersion = "v1.65.0", "v1.65.0", "v1.65.0"
	// The kind has no status subresource.
	if err := i.client.Update(ctx, cdi); err != nil {
		return fmt.Errorf("status: %w", err)
	}
	return i.settings(ctx, config)
}

// settings makes the CDIConfig, which the operator's object owns upstream.
func (i *installer) settings(ctx context.Context, spec *cdiv1.CDIConfigSpec) error {
	return i.cluster.Object(ctx, &cdiv1.CDIConfig{
		TypeMeta:   metav1.TypeMeta{APIVersion: cdiv1.SchemeGroupVersion.String(), Kind: "CDIConfig"},
		ObjectMeta: metav1.ObjectMeta{Name: "config"},
		Spec:       *spec,
	})
}

// services registers the API and the webhooks at the port where cdi-apiserver listens.
func (i *installer) services(ctx context.Context) error {
	objects, err := cluster.CreateAllDynamicResources(&cluster.FactoryArgs{Namespace: namespace, Client: i.client, Logger: ctrl.Log})
	if err != nil {
		return err
	}
	port := ptr.To(int32(i.port))
	for _, object := range objects {
		switch o := object.(type) {
		case *apiregistrationv1.APIService:
			o.Spec.Service.Port = port
		case *admissionv1.MutatingWebhookConfiguration:
			for n := range o.Webhooks {
				o.Webhooks[n].ClientConfig.Service.Port = port
			}
		case *admissionv1.ValidatingWebhookConfiguration:
			for n := range o.Webhooks {
				o.Webhooks[n].ClientConfig.Service.Port = port
			}
		}
		if err := i.one(ctx, object); err != nil {
			return err
		}
	}
	return nil
}
