package main

import (
	"fmt"
	"os"
	"path/filepath"

	"k8s.io/client-go/kubernetes"
	"sigs.k8s.io/controller-runtime/pkg/manager/signals"

	cdiclient "kubevirt.io/containerized-data-importer/pkg/client/clientset/versioned"
	"kubevirt.io/containerized-data-importer/pkg/uploadproxy"
	"kubevirt.io/containerized-data-importer/pkg/util/cert/fetcher"
	certwatcher "kubevirt.io/containerized-data-importer/pkg/util/cert/watcher"
	tlswatch "kubevirt.io/containerized-data-importer/pkg/util/tls-crypto-watch"
)

// uploadProxy takes uploads from clients that hold a token and passes them to
// the upload pod of their volume.
func uploadProxy(o options) error {
	ctx := signals.SetupSignalHandler()
	core, err := kubernetes.NewForConfig(o.config)
	if err != nil {
		return err
	}
	key, err := os.ReadFile(filepath.Join(o.certDir, "token", "id_rsa.pub"))
	if err != nil {
		return err
	}
	ciphers, err := tlswatch.NewCdiConfigTLSWatcher(ctx, cdiclient.NewForConfigOrDie(o.config))
	if err != nil {
		return fmt.Errorf("watch CDIConfig: %w", err)
	}
	certificate, err := certwatcher.New(o.pair("uploadproxy"))
	if err != nil {
		return err
	}
	crt, clientKey := o.pair("uploadserver-client")
	proxy, err := uploadproxy.NewUploadProxy("127.0.0.1", uint(o.port), string(key), ciphers, certificate,
		&fetcher.FileCertFetcher{CertFileName: crt, KeyFileName: clientKey},
		&fetcher.ConfigMapCertBundleFetcher{Name: "cdi-uploadserver-signer-bundle", Client: core.CoreV1().ConfigMaps(namespace)}, core)
	if err != nil {
		return err
	}
	resolveServices(core)
	go func() { _ = certificate.Start(ctx.Done()) }() // it only reloads; the proxy has what it loaded
	return proxy.Start()
}
