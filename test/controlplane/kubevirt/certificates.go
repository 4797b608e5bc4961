package main

import (
	"context"
	"crypto/tls"
	"fmt"
	"os"
	"path/filepath"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"kubevirt.io/kubevirt/pkg/virt-operator/resource/generate/components"
)

// lifetime of every certificate: nobody rotates them here, and a sandbox is
// not kept for a year.
var lifetime = &metav1.Duration{Duration: 365 * 24 * time.Hour}

// certificates makes the authorities, the certificates they sign and the
// bundles that tell them, keeping what is there.
func (o *operator) certificates(ctx context.Context) error {
	authorities := map[string]*tls.Certificate{}
	for _, secret := range components.NewCACertSecrets(o.namespace) {
		if err := o.keep(ctx, secret, nil); err != nil {
			return err
		}
		authority, err := tls.X509KeyPair(secret.Data[corev1.TLSCertKey], secret.Data[corev1.TLSPrivateKeyKey])
		if err != nil {
			return fmt.Errorf("secret %s: %w", secret.Name, err)
		}
		authorities[secret.Name] = &authority
		if secret.Name == components.KubeVirtCASecretName {
			o.trust(secret.Data[corev1.TLSCertKey])
		}
		if err := o.bundle(ctx, secret); err != nil {
			return err
		}
	}
	for _, secret := range components.NewCertSecrets(o.namespace, o.namespace) {
		if err := o.keep(ctx, secret, authorities[components.KubeVirtCASecretName]); err != nil {
			return err
		}
	}
	return nil
}

// keep fills the secret from the cluster, or makes it there, signed by the authority.
func (o *operator) keep(ctx context.Context, secret *corev1.Secret, authority *tls.Certificate) error {
	there, err := o.core.CoreV1().Secrets(o.namespace).Get(ctx, secret.Name, metav1.GetOptions{})
	if err == nil {
		secret.Data = there.Data
		return nil
	}
	if !apierrors.IsNotFound(err) {
		return err
	}
	if err := components.PopulateSecretWithCertificate(secret, authority, lifetime); err != nil {
		return fmt.Errorf("secret %s: %w", secret.Name, err)
	}
	return o.cluster.Object(ctx, secret)
}

// bundle publishes an authority's certificate under its own name.
func (o *operator) bundle(ctx context.Context, authority *corev1.Secret) error {
	for _, bundle := range components.NewCAConfigMaps(o.namespace) {
		if bundle.Name != authority.Name {
			continue
		}
		bundle.Data = map[string]string{components.CABundleKey: string(authority.Data[corev1.TLSCertKey])}
		if err := o.cluster.Object(ctx, bundle); err != nil {
			return err
		}
	}
	return nil
}

// trust puts the authority into everything through which the API server calls virt-api.
func (o *operator) trust(authority []byte) {
	for _, service := range o.strategy.APIServices() {
		service.Spec.CABundle = authority
	}
	for _, configuration := range o.strategy.MutatingWebhookConfigurations() {
		for i := range configuration.Webhooks {
			configuration.Webhooks[i].ClientConfig.CABundle = authority
		}
	}
	for _, configuration := range o.strategy.ValidatingWebhookConfigurations() {
		for i := range configuration.Webhooks {
			configuration.Webhooks[i].ClientConfig.CABundle = authority
		}
	}
}

// writeCertificates writes the certificates of KubeVirt's processes into a
// folder, where they find them in a pod's mounts.
func writeCertificates() error {
	f := parse()
	o, err := newOperator(f)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	for folder, name := range map[string]string{
		"ca":                  components.KubeVirtCASecretName,
		"virt-api":            components.VirtApiCertSecretName,
		"virt-controller":     components.VirtControllerCertSecretName,
		"virt-handler-client": components.VirtHandlerCertSecretName,
		"virt-handler-server": components.VirtHandlerServerCertSecretName,

		filepath.Join(authorities, "exportca"): components.KubeVirtExportCASecretName,
		filepath.Join(authorities, "backupca"): components.KubeVirtBackupCASecretName,
	} {
		secret, err := o.core.CoreV1().Secrets(o.namespace).Get(ctx, name, metav1.GetOptions{})
		if err != nil {
			return err
		}
		if err := writePair(filepath.Join(f.out, folder), secret); err != nil {
			return err
		}
		if folder == "ca" {
			if err := os.WriteFile(filepath.Join(f.out, "ca.crt"), secret.Data[corev1.TLSCertKey], 0o600); err != nil {
				return err
			}
		}
	}
	return nil
}

func writePair(folder string, secret *corev1.Secret) error {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	for _, key := range []string{corev1.TLSCertKey, corev1.TLSPrivateKeyKey} {
		if err := os.WriteFile(filepath.Join(folder, key), secret.Data[key], 0o600); err != nil {
			return err
		}
	}
	return nil
}
