package bench

import (
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"strconv"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/util/cert"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/kubevirt"
)

// Where the pod that offers exports stands, and what it is called.
const (
	podAddress  = "127.84.0.1"
	podService  = "virt-export"
	tokenSecret = "export-token"
)

// offer makes an image that is there, and the pod that has its bytes.
func (u *uploads) offer(t *testing.T, size int64) {
	t.Helper()
	certificate, key, err := cert.GenerateSelfSignedCertKey(podService+".default.svc", nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	pair, err := tls.X509KeyPair(certificate, key)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", podAddress+":8443")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{ReadHeaderTimeout: time.Minute, Handler: http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Length", strconv.FormatInt(size, 10))
		_, _ = io.Copy(w, io.LimitReader(newNoise(t), size)) // a client that is gone wants no more
	})}
	t.Cleanup(func() { _ = server.Close() })
	go func() {
		_ = server.Serve(tls.NewListener(listener, &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}))
	}()
	u.authority = string(certificate)
	image := &harvesterv1.VirtualMachineImage{
		ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "offered"},
		Spec:       harvesterv1.VirtualMachineImageSpec{DisplayName: "offered", SourceType: harvesterv1.ImageSourceUpload},
	}
	for _, object := range []client.Object{
		&corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "default"}},
		&corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: tokenSecret}, StringData: map[string]string{"token": "x"}},
		&corev1.PersistentVolumeClaim{
			ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "offered"},
			Spec: corev1.PersistentVolumeClaimSpec{
				AccessModes: []corev1.PersistentVolumeAccessMode{corev1.ReadWriteMany},
				Resources:   corev1.VolumeResourceRequirements{Requests: corev1.ResourceList{corev1.ResourceStorage: *resource.NewQuantity(size, resource.BinarySI)}},
			},
		},
		image,
	} {
		if err := u.api.Create(t.Context(), object); err != nil {
			t.Fatal(err)
		}
	}
	u.finish(t, image, size)
}

// finish says of an image that it is there; the controller may be saying something else at the same time.
func (u *uploads) finish(t *testing.T, image *harvesterv1.VirtualMachineImage, size int64) {
	t.Helper()
	before := image.DeepCopy()
	image.Status.VirtualSize = size
	image.Status.Conditions = []harvesterv1.Condition{{Type: harvesterv1.ImageImported, Status: metav1.ConditionTrue}}
	if err := u.api.Status().Patch(t.Context(), image, client.MergeFrom(before)); err != nil {
		t.Fatal(err)
	}
}

// offering offers every export at once.
type offering struct {
	client.Client

	uploads *uploads
}

// Reconcile offers one export.
func (o offering) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	export := &kubevirt.Export{}
	if err := o.Get(ctx, request.NamespacedName, export); err != nil || export.Status != nil {
		return ctrl.Result{}, client.IgnoreNotFound(err)
	}
	pod := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{
			Namespace: export.Namespace, Name: "virt-export-" + export.Name,
			Labels: map[string]string{"kubevirt.io.virt-export-service": export.Name},
		},
		Spec: corev1.PodSpec{Containers: []corev1.Container{{Name: "exporter", Image: "exporter"}}},
	}
	if err := o.Create(ctx, pod); client.IgnoreAlreadyExists(err) != nil {
		return ctrl.Result{}, err
	}
	pod.Status = corev1.PodStatus{Phase: corev1.PodRunning, PodIP: podAddress, PodIPs: []corev1.PodIP{{IP: podAddress}}}
	if err := o.Status().Update(ctx, pod); err != nil {
		return ctrl.Result{}, err
	}
	return ctrl.Result{}, o.Update(ctx, kubevirt.Offered(export, podService, tokenSecret, o.uploads.authority))
}
