package main

import (
	"context"
	"crypto/rsa"
	"fmt"
	"os"
	"path/filepath"

	snapshotv1 "github.com/kubernetes-csi/external-snapshotter/client/v6/apis/volumesnapshot/v1"
	configv1 "github.com/openshift/api/config/v1"
	imagev1 "github.com/openshift/api/image/v1"
	routev1 "github.com/openshift/api/route/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	networkingv1 "k8s.io/api/networking/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes"
	kubernetesscheme "k8s.io/client-go/kubernetes/scheme"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"
	runtimecontroller "sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	"sigs.k8s.io/controller-runtime/pkg/metrics/server"

	cdiv1 "kubevirt.io/containerized-data-importer-api/pkg/apis/core/v1beta1"
	forklift "kubevirt.io/containerized-data-importer-api/pkg/apis/forklift/v1beta1"
	"kubevirt.io/containerized-data-importer/pkg/common"
	"kubevirt.io/containerized-data-importer/pkg/controller"
	"kubevirt.io/containerized-data-importer/pkg/controller/datavolume"
	"kubevirt.io/containerized-data-importer/pkg/controller/populators"
	"kubevirt.io/containerized-data-importer/pkg/controller/transfer"
	metrics "kubevirt.io/containerized-data-importer/pkg/monitoring/metrics/cdi-controller"
	"kubevirt.io/containerized-data-importer/pkg/util/cert"
	"kubevirt.io/containerized-data-importer/pkg/util/cert/fetcher"
	"kubevirt.io/containerized-data-importer/pkg/util/cert/generator"
)

// Images that CDI writes into the pods it makes; nothing pulls them here.
const (
	importerImage = "localhost/kubevirt/cdi-importer:v1.65.0"
	clonerImage   = "localhost/kubevirt/cdi-cloner:v1.65.0"
	uploadImage   = "localhost/kubevirt/cdi-uploadserver:v1.65.0"
	ovirtImage    = "localhost/kubevirt/ovirt-populator:v1.65.0"
	pullPolicy    = "IfNotPresent"
	verbosity     = "1"
)

// controllers runs CDI's controllers.
func controllers(o options) error {
	if err := metrics.SetupMetrics(); err != nil {
		return err
	}
	public, private, err := o.tokenKeys()
	if err != nil {
		return err
	}
	m, err := o.manager()
	if err != nil {
		return err
	}
	core, err := kubernetes.NewForConfig(o.config)
	if err != nil {
		return err
	}
	if err := datavolume.CreateCommonIndexes(m); err != nil {
		return fmt.Errorf("index: %w", err)
	}
	if err := populators.CreateCommonPopulatorIndexes(m); err != nil {
		return fmt.Errorf("index populators: %w", err)
	}
	ctx := ctrl.SetupSignalHandler()
	if err := o.add(ctx, m, core, public, private); err != nil {
		return err
	}
	return m.Start(ctx)
}

// add makes every controller in the order upstream makes them.
func (o options) add(ctx context.Context, m manager.Manager, core kubernetes.Interface, public *rsa.PublicKey, private *rsa.PrivateKey) error {
	log := ctrl.Log.WithName("cdi")
	labels := map[string]string{}
	bundle := func(name string) *fetcher.ConfigMapCertBundleFetcher {
		return &fetcher.ConfigMapCertBundleFetcher{Name: name, Client: core.CoreV1().ConfigMaps(namespace)}
	}
	signer := func(name string) *generator.FetchCertGenerator {
		crt, key := o.pair(name)
		return &generator.FetchCertGenerator{Fetcher: &fetcher.FileCertFetcher{CertFileName: crt, KeyFileName: key}}
	}
	for _, c := range []struct {
		name string
		make func() (runtimecontroller.Controller, error)
	}{
		{"config", func() (runtimecontroller.Controller, error) {
			return controller.NewConfigController(m, log, "cdi-uploadproxy", common.ConfigName, labels)
		}},
		{"storage profile", func() (runtimecontroller.Controller, error) {
			return controller.NewStorageProfileController(m, log, labels)
		}},
		{"data volume import", func() (runtimecontroller.Controller, error) {
			return datavolume.NewImportController(ctx, m, log, labels)
		}},
		{"data volume upload", func() (runtimecontroller.Controller, error) {
			return datavolume.NewUploadController(ctx, m, log, labels)
		}},
		{"data volume clone", func() (runtimecontroller.Controller, error) {
			return datavolume.NewPvcCloneController(ctx, m, log, clonerImage, importerImage, pullPolicy, public, private, labels)
		}},
		{"data volume from snapshot", func() (runtimecontroller.Controller, error) {
			return datavolume.NewSnapshotCloneController(ctx, m, log, clonerImage, importerImage, pullPolicy, public, private, labels)
		}},
		{"data volume populator", func() (runtimecontroller.Controller, error) {
			return datavolume.NewPopulatorController(ctx, m, log, labels)
		}},
		{"import", func() (runtimecontroller.Controller, error) {
			return controller.NewImportController(m, log, importerImage, pullPolicy, verbosity, labels)
		}},
		{"clone", func() (runtimecontroller.Controller, error) {
			return controller.NewCloneController(m, log, clonerImage, pullPolicy, verbosity, signer("uploadserver-client-signer"), bundle("cdi-uploadserver-signer-bundle"), public, labels)
		}},
		{"upload", func() (runtimecontroller.Controller, error) {
			return controller.NewUploadController(m, log, uploadImage, pullPolicy, verbosity, signer("uploadserver-signer"), bundle("cdi-uploadserver-client-signer-bundle"), labels)
		}},
		{"object transfer", func() (runtimecontroller.Controller, error) {
			return transfer.NewObjectTransferController(m, log, labels)
		}},
		{"data import cron", func() (runtimecontroller.Controller, error) {
			return controller.NewDataImportCronController(m, log, importerImage, pullPolicy, labels)
		}},
		{"data source", func() (runtimecontroller.Controller, error) {
			return controller.NewDataSourceController(m, log, labels)
		}},
		{"import populator", func() (runtimecontroller.Controller, error) {
			return populators.NewImportPopulator(ctx, m, log, labels)
		}},
		{"upload populator", func() (runtimecontroller.Controller, error) {
			return populators.NewUploadPopulator(ctx, m, log, labels)
		}},
		{"clone populator", func() (runtimecontroller.Controller, error) {
			return populators.NewClonePopulator(ctx, m, log, clonerImage, pullPolicy, labels, public)
		}},
		{"forklift populator", func() (runtimecontroller.Controller, error) {
			return populators.NewForkliftPopulator(ctx, m, log, importerImage, ovirtImage, labels)
		}},
	} {
		if _, err := c.make(); err != nil {
			return fmt.Errorf("controller %s: %w", c.name, err)
		}
	}
	return nil
}

func (o options) manager() (manager.Manager, error) {
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{
		kubernetesscheme.AddToScheme, cdiv1.AddToScheme, apiextensionsv1.AddToScheme, snapshotv1.AddToScheme,
		forklift.AddToScheme, imagev1.Install, configv1.Install, routev1.Install,
	} {
		if err := add(scheme); err != nil {
			return nil, err
		}
	}
	// CDI reads these kinds in its own namespace only, so only those are kept.
	own := cache.ByObject{Field: fields.Set{"metadata.namespace": namespace}.AsSelector()}
	return ctrl.NewManager(o.config, manager.Options{
		Scheme: scheme,
		Cache: cache.Options{ByObject: map[client.Object]cache.ByObject{
			&networkingv1.Ingress{}: own, &batchv1.CronJob{}: own, &batchv1.Job{}: own,
			&corev1.ConfigMap{}: own, &corev1.Secret{}: own,
		}},
		// There is one of it, and a lease would keep a restarted one waiting.
		LeaderElection: false,
		Metrics:        server.Options{BindAddress: fmt.Sprintf("127.0.0.1:%d", o.port)},
	})
}

// tokenKeys reads the keys with which cdi-apiserver signs clone tokens.
func (o options) tokenKeys() (*rsa.PublicKey, *rsa.PrivateKey, error) {
	content, err := os.ReadFile(filepath.Join(o.certDir, "token", "id_rsa"))
	if err != nil {
		return nil, nil, err
	}
	parsed, err := cert.ParsePrivateKeyPEM(content)
	if err != nil {
		return nil, nil, err
	}
	private, isRSA := parsed.(*rsa.PrivateKey)
	if !isRSA {
		return nil, nil, fmt.Errorf("token key: want RSA, have %T", parsed)
	}
	return &private.PublicKey, private, nil
}
