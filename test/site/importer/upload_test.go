package importer_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"io"
	"net/http"
	"strings"
	"testing"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/utils/ptr"
	cdiv1 "kubevirt.io/containerized-data-importer-api/pkg/apis/core/v1beta1"
	uploadv1 "kubevirt.io/containerized-data-importer-api/pkg/apis/upload/v1beta1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/test/site/storage/storagetest"
)

func upload(t *testing.T, w *world) {
	volume := w.volume(t, "", "16Mi")
	volume.Spec.Source = &cdiv1.DataVolumeSource{Upload: &cdiv1.DataVolumeSourceUpload{}}
	send := w.uploader(t, volume)
	if code, said := send(nil, w.gzip(t)); code != http.StatusUnauthorized {
		t.Errorf("without a certificate: %d %s, want 401", code, said)
	}
	if code, said := send(w.proxy(t), w.gzip(t)); code != http.StatusOK {
		t.Fatalf("%d %s", code, said)
	}
	w.awaits(t, volume)
	w.same(t, volume.Name)
}

func uploadProxy(t *testing.T, w *world) {
	volume := w.volume(t, "", "16Mi")
	volume.Spec.Source = &cdiv1.DataVolumeSource{Upload: &cdiv1.DataVolumeSourceUpload{}}
	w.uploader(t, volume)
	token := &uploadv1.UploadTokenRequest{
		TypeMeta:   metav1.TypeMeta{APIVersion: uploadv1.SchemeGroupVersion.String(), Kind: "UploadTokenRequest"},
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: volume.Name},
		Spec:       uploadv1.UploadTokenRequestSpec{PvcName: volume.Name},
	}
	if err := w.tokens(t).Create(context.Background(), token); err != nil {
		t.Fatal(err)
	}
	config := &cdiv1.CDIConfig{ObjectMeta: metav1.ObjectMeta{Name: "config"}}
	storagetest.Until(t, w.Site, config, func(c *cdiv1.CDIConfig) string {
		if ptr.Deref(c.Status.UploadProxyURL, "") == "" {
			return "it names no proxy"
		}
		return ""
	})
	request, err := http.NewRequest(http.MethodPost, *config.Status.UploadProxyURL+"/v1beta1/upload", bytes.NewReader(w.gzip(t)))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+token.Status.Token)
	sender := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}}} //nolint:gosec // the proxy's certificate is upstream's
	response, err := sender.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if said, err := io.ReadAll(response.Body); err != nil || response.StatusCode != http.StatusOK {
		t.Fatalf("%s %s %v", response.Status, said, err)
	}
	w.awaits(t, volume)
	w.same(t, volume.Name)
}

// tokens is a client for upload tokens, which the site itself has no need of.
func (w *world) tokens(t *testing.T) client.Client {
	t.Helper()
	scheme := runtime.NewScheme()
	if err := uploadv1.AddToScheme(scheme); err != nil {
		t.Fatal(err)
	}
	c, err := client.New(w.Config, client.Options{Scheme: scheme})
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func uploadTooLarge(t *testing.T, w *world) {
	volume := w.volume(t, "", "4Mi")
	volume.Spec.Source = &cdiv1.DataVolumeSource{Upload: &cdiv1.DataVolumeSourceUpload{}}
	send := w.uploader(t, volume)
	if code, said := send(w.proxy(t), w.raw); code != http.StatusBadRequest || !strings.Contains(said, "is larger than the reported available storage") {
		t.Errorf("%d %s, want 400 and CDI's words", code, said)
	}
}

// proxy is the certificate of CDI's upload proxy.
func (w *world) proxy(t *testing.T) *tls.Certificate {
	t.Helper()
	var secret corev1.Secret
	key := client.ObjectKey{Namespace: "cdi", Name: "cdi-uploadserver-client-cert"}
	if err := w.Client.Get(context.Background(), key, &secret); err != nil {
		t.Fatal(err)
	}
	pair, err := tls.X509KeyPair(secret.Data["tls.crt"], secret.Data["tls.key"])
	if err != nil {
		t.Fatal(err)
	}
	return &pair
}

// uploader makes an upload volume, waits for its server and gives the way to
// send to it.
func (w *world) uploader(t *testing.T, volume *cdiv1.DataVolume) func(*tls.Certificate, []byte) (int, string) {
	t.Helper()
	storagetest.Create(t, w.Site, volume)
	storagetest.Until(t, w.Site, volume, func(v *cdiv1.DataVolume) string {
		if v.Status.Phase != cdiv1.UploadReady {
			return "its phase is " + string(v.Status.Phase)
		}
		return ""
	})
	var pods corev1.PodList
	if err := w.Client.List(context.Background(), &pods, client.InNamespace(namespace), client.MatchingLabels{"cdi.kubevirt.io": "cdi-upload-server"}); err != nil {
		t.Fatal(err)
	}
	address := ""
	for _, pod := range pods.Items {
		claim := &corev1.PersistentVolumeClaim{ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: pod.OwnerReferences[0].Name}}
		if err := w.Client.Get(context.Background(), client.ObjectKeyFromObject(claim), claim); err != nil {
			continue // It belongs to another test, which has ended.
		}
		if claim.Name == volume.Name || (metav1.GetControllerOf(claim) != nil && metav1.GetControllerOf(claim).Name == volume.Name) {
			address = pod.Status.PodIP
		}
	}
	return func(certificate *tls.Certificate, content []byte) (int, string) {
		config := &tls.Config{InsecureSkipVerify: true} //nolint:gosec // the proxy's own check is upstream's
		if certificate != nil {
			config.Certificates = []tls.Certificate{*certificate}
		}
		sender := &http.Client{Transport: &http.Transport{TLSClientConfig: config}}
		response, err := sender.Post("https://"+address+":8443/v1beta1/upload", "application/octet-stream", bytes.NewReader(content))
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		said, err := io.ReadAll(response.Body)
		if err != nil {
			t.Fatal(err)
		}
		return response.StatusCode, string(said)
	}
}
