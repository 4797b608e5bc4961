package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	apimeta "k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/util/cert"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/cdi"
	"crofthci.io/croft/pkg/kubevirt"
	"crofthci.io/croft/test/manager"
)

// Where the pod of every export is, under one certificate, and the secret with what it wants to be shown.
const (
	exporterAddress = "127.83.0.2"
	exporterService = "virt-export"
	exporterSecret  = "export-token"
)

// offering stands in for the part of KubeVirt that offers exports: every one is offered by the same pod.
type offering struct {
	client.Client

	authority string
	// closed says that nothing is offered.
	closed *atomic.Bool
	// open are the connections to the pod.
	open *atomic.Int64
}

// Reconcile offers one export.
func (o offering) Reconcile(ctx context.Context, request ctrl.Request) (ctrl.Result, error) {
	export := &kubevirt.Export{}
	if err := o.Get(ctx, request.NamespacedName, export); err != nil || export.Status != nil || o.closed.Load() {
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
	pod.Status = corev1.PodStatus{Phase: corev1.PodRunning, PodIP: exporterAddress, PodIPs: []corev1.PodIP{{IP: exporterAddress}}}
	if err := o.Status().Update(ctx, pod); err != nil {
		return ctrl.Result{}, err
	}
	return ctrl.Result{}, o.Status().Update(ctx, kubevirt.Offered(export, exporterService, exporterSecret, o.authority))
}

// diskSize is the size of a disk that no buffer on its way holds.
const diskSize = 64 << 20

// serve is the pod of every export: it sends the disk as fast as it is taken.
func (o *offering) serve(t *testing.T) {
	t.Helper()
	certificate, key, err := cert.GenerateSelfSignedCertKey(exporterService+"."+home+".svc", nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	pair, err := tls.X509KeyPair(certificate, key)
	if err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", net.JoinHostPort(exporterAddress, strconv.Itoa(kubevirt.ExportPort)))
	if err != nil {
		t.Fatal(err)
	}
	disk := bytes.Repeat([]byte("a disk of a machine "), diskSize/20+1)[:diskSize]
	server := &http.Server{
		ErrorLog: log.New(io.Discard, "", 0), ReadHeaderTimeout: time.Minute, ConnState: counting(o.open),
		Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			http.ServeContent(w, r, "disk.img", time.Time{}, bytes.NewReader(disk))
		}),
	}
	t.Cleanup(func() { _ = server.Close() })
	go func() {
		_ = server.Serve(tls.NewListener(listener, &tls.Config{Certificates: []tls.Certificate{pair}, MinVersion: tls.VersionTLS12}))
	}()
	o.authority = string(certificate)
}

// offer starts the stand-in.
func offer(t *testing.T) (*manager.Cluster, *offering) {
	t.Helper()
	config, err := site.cluster.Config()
	if err != nil {
		t.Fatal(err)
	}
	o := &offering{closed: &atomic.Bool{}, open: &atomic.Int64{}}
	o.serve(t)
	c := manager.Start(t, config, manager.Options{
		Kinds: apimeta.SchemeBuilder{harvesterv1.AddToScheme, kubevirt.AddToScheme},
		SetUp: func(to ctrl.Manager) error {
			o.Client = to.GetClient()
			return ctrl.NewControllerManagedBy(to).Named("exports").For(&kubevirt.Export{}).Complete(*o)
		},
	})
	stay(t, &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: home, Name: "default"}})
	c.Make(&corev1.Secret{ObjectMeta: metav1.ObjectMeta{Namespace: home, Name: exporterSecret}, StringData: map[string]string{kubevirt.ExportTokenKey: "open sesame"}})
	t.Cleanup(func() { // nobody here collects what goes with an export
		for _, left := range []client.Object{&corev1.Pod{}, &cdi.DataVolume{}} {
			if err := site.admin.DeleteAllOf(context.Background(), left, client.InNamespace(home), client.GracePeriodSeconds(0)); err != nil {
				t.Error(err)
			}
		}
	})
	return c, o
}

// TestLeftDownload leaves in the middle of downloads.
func TestLeftDownload(t *testing.T) {
	c, o := offer(t)
	image := &harvesterv1.VirtualMachineImage{
		ObjectMeta: metav1.ObjectMeta{Namespace: home, Name: "fetched"},
		Spec:       harvesterv1.VirtualMachineImageSpec{DisplayName: "fetched", SourceType: harvesterv1.ImageSourceUpload},
	}
	c.Make(image)
	manager.Report(c, image, func(i *harvesterv1.VirtualMachineImage) {
		i.Status.VirtualSize = diskSize
		i.Status.Conditions = []harvesterv1.Condition{{Type: harvesterv1.ImageImported, Status: metav1.ConditionTrue}}
	})
	cases := []struct {
		name, reason string
		closed       bool
		packed       bool
	}{
		{"Early", "a client that leaves before anything is there takes its order back", true, false},
		{"Half", "so does one that leaves half way", false, false},
		{"Packed", "what is read for a qcow2 file is read no more", false, true},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			o.closed.Store(tc.closed)
			if tc.packed {
				ordered(t, image)
			}
			ctx, leave := context.WithCancel(t.Context())
			left := make(chan error, 1)
			go func() { left <- download(ctx, image.Name, leave) }()
			if tc.closed {
				eventually(t, "the order is placed", func() bool { return len(orders(t)) == 1 })
				leave()
			}
			if err := <-left; err == nil {
				t.Errorf("%s: the client has not got all", tc.reason)
			}
			eventually(t, "nobody is at work on the download", func() bool { return len(busy("backend/image/deliver")) == 0 })
			if t.Failed() {
				t.Fatal(strings.Join(busy("backend/image/deliver"), "\n\n"))
			}
			eventually(t, "the pod of the export is hung up", func() bool { return o.open.Load() == 0 })
			eventually(t, "the order is taken back", func() bool { return len(orders(t)) == 0 })
		})
	}
}

// download begins to fetch an image as an administrator, and leaves once it has a part of it.
func download(ctx context.Context, image string, leave context.CancelFunc) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, site.api.URL+images+image+"/download", http.NoBody)
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+site.tokens[admin])
	response, err := site.api.Client().Do(req)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		leave()
		return fmt.Errorf("it is answered %s", response.Status)
	}
	if _, err := io.CopyN(io.Discard, response.Body, 1<<20); err != nil {
		panic(err) // there is more than that of every disk
	}
	leave()
	_, err = io.Copy(io.Discard, response.Body)
	return err
}

// orders are the exports that single downloads have ordered.
func orders(t *testing.T) []string {
	t.Helper()
	exports := &kubevirt.ExportList{}
	if err := site.admin.List(t.Context(), exports, client.InNamespace(home)); err != nil {
		t.Fatal(err)
	}
	var names []string
	for i := range exports.Items {
		if strings.HasPrefix(exports.Items[i].Name, "download-") && exports.Items[i].DeletionTimestamp == nil {
			names = append(names, exports.Items[i].Name)
		}
	}
	return names
}

// ordered makes a downloader, and the export that its controller would order.
func ordered(t *testing.T, image *harvesterv1.VirtualMachineImage) {
	t.Helper()
	create(t, &harvesterv1.VirtualMachineImageDownloader{
		ObjectMeta: metav1.ObjectMeta{Namespace: home, Name: image.Name},
		Spec:       harvesterv1.VirtualMachineImageDownloaderSpec{ImageName: image.Name},
	})
	name := "downloader-" + string(image.UID)
	create(t, kubevirt.ExportOf(home, name, name, metav1.Duration{Duration: time.Hour}))
}
