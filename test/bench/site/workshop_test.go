package site

import (
	"encoding/base64"
	"encoding/pem"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"sigs.k8s.io/controller-runtime/pkg/client"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/kubevirt"
	"crofthci.io/croft/test/sandbox/state"
)

// Names of what drivers work with.
const (
	workNamespace = "driver-bench"
	image         = "tiny"
	account       = "node-driver"
)

// workshop is a namespace with an image, and a credential for it that leads through the meter.
type workshop struct {
	site
	meter      *meter
	kubeconfig string
	asGuest    client.Client
	made       *kubevirt.VirtualMachine
}

// workshop makes the namespace, and has its image come.
func (s site) workshop(b *testing.B) *workshop {
	b.Helper()
	config, err := clientcmd.BuildConfigFromFlags("", filepath.Join(s.dir, "site-1", "kubeconfig"))
	if err != nil {
		b.Fatal(err)
	}
	w := &workshop{site: s, meter: newMeter(b, config)}
	scheme := runtime.NewScheme()
	for _, add := range []func(*runtime.Scheme) error{clientgoscheme.AddToScheme, kubevirt.AddToScheme, harvesterv1.AddToScheme} {
		if err := add(scheme); err != nil {
			b.Fatal(err)
		}
	}
	config.QPS = -1
	if w.client, err = client.New(config, client.Options{Scheme: scheme}); err != nil {
		b.Fatal(err)
	}
	now, err := state.Read(s.dir)
	if err != nil {
		b.Fatal(err)
	}
	token := w.furnish(b, fmt.Sprintf("http://127.0.0.1:%d/guests/croft-tiny.qcow2", now.Ports["sandbox"]["guests"]))
	w.kubeconfig = fmt.Sprintf(`{"apiVersion":"v1","kind":"Config","current-context":"site-1","clusters":[{"name":"c","cluster":{"server":%q,"certificate-authority-data":%q}}],`+
		`"users":[{"name":"u","user":{"token":%q}}],"contexts":[{"name":"site-1","context":{"cluster":"c","user":"u","namespace":%q}}]}`,
		w.meter.url, base64.StdEncoding.EncodeToString(w.meter.authority), token, workNamespace)
	mapper := w.client.RESTMapper()
	if w.asGuest, err = client.New(&rest.Config{Host: w.meter.url, TLSClientConfig: rest.TLSClientConfig{CAData: w.meter.authority}, BearerToken: token, QPS: -1}, client.Options{Scheme: scheme, Mapper: mapper}); err != nil {
		b.Fatal(err)
	}
	return w
}

// furnish makes what is in the namespace, and answers with the token of its account, which has the role of the chart.
func (w *workshop) furnish(b *testing.B, url string) string {
	b.Helper()
	meta := metav1.ObjectMeta{Namespace: workNamespace, Name: account}
	holder := &corev1.ServiceAccount{ObjectMeta: meta}
	picture := &harvesterv1.VirtualMachineImage{
		ObjectMeta: metav1.ObjectMeta{Namespace: workNamespace, Name: image},
		Spec:       harvesterv1.VirtualMachineImageSpec{DisplayName: image, SourceType: harvesterv1.ImageSourceDownload, URL: url},
	}
	for _, object := range []client.Object{
		&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: workNamespace}}, holder,
		&rbacv1.RoleBinding{
			ObjectMeta: meta, RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "harvesterhci.io:node-driver"},
			Subjects: []rbacv1.Subject{{Kind: rbacv1.ServiceAccountKind, Namespace: workNamespace, Name: account}},
		},
		picture,
	} {
		if err := w.client.Create(b.Context(), object); err != nil {
			b.Fatal(err)
		}
	}
	until(b, "the image is there", func() bool {
		return w.client.Get(b.Context(), client.ObjectKeyFromObject(picture), picture) == nil && picture.Ready()
	})
	hours := int64(4 * 3600)
	request := &authenticationv1.TokenRequest{Spec: authenticationv1.TokenRequestSpec{ExpirationSeconds: &hours}}
	if err := w.client.SubResource("token").Create(b.Context(), holder, request); err != nil {
		b.Fatal(err)
	}
	return request.Status.Token
}

// pattern is the machine that Croft's driver makes, without what the site has written into it.
func (w *workshop) pattern(b *testing.B) *kubevirt.VirtualMachine {
	b.Helper()
	if w.made != nil {
		return w.made
	}
	const name = "blue-pattern-0"
	n := w.croft(b, name)
	if err := n.create(b.Context()); err != nil {
		b.Fatal(err)
	}
	vm := &kubevirt.VirtualMachine{}
	if err := w.client.Get(b.Context(), client.ObjectKey{Namespace: workNamespace, Name: name}, vm); err != nil {
		b.Fatal(err)
	}
	if err := n.remove(b.Context()); err != nil {
		b.Fatal(err)
	}
	w.made = &kubevirt.VirtualMachine{ObjectMeta: metav1.ObjectMeta{Namespace: workNamespace, Name: name, Labels: vm.Labels}, Spec: vm.Spec}
	w.made.Annotations = map[string]string{
		harvesterv1.AnnotationVolumeClaimTemplates: vm.Annotations[harvesterv1.AnnotationVolumeClaimTemplates],
	}
	return w.made
}

// meter is a proxy before a site's API server that counts what is asked.
type meter struct {
	url string
	// authority is the PEM of what its certificate is signed by.
	authority []byte

	mu    sync.Mutex
	asked map[string]int
}

func newMeter(b *testing.B, config *rest.Config) *meter {
	b.Helper()
	target, err := url.Parse(config.Host)
	if err != nil {
		b.Fatal(err)
	}
	anonymous := rest.AnonymousClientConfig(config)
	transport, err := rest.TransportFor(anonymous)
	if err != nil {
		b.Fatal(err)
	}
	m := &meter{asked: map[string]int{}}
	proxy := &httputil.ReverseProxy{
		Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) }, Transport: transport, FlushInterval: -1,
	}
	// By TLS: a kubeconfig's token goes to no other server.
	server := httptest.NewTLSServer(http.HandlerFunc(func(out http.ResponseWriter, in *http.Request) {
		m.count(in)
		proxy.ServeHTTP(out, in)
	}))
	b.Cleanup(server.Close)
	m.url = server.URL
	m.authority = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: server.Certificate().Raw})
	return m
}

// count notes one request, by its verb and kind.
func (m *meter) count(in *http.Request) {
	verb := in.Method
	if in.URL.Query().Get("watch") != "" {
		verb = "WATCH"
	}
	_, kind, is := strings.Cut(in.URL.Path, "/namespaces/"+workNamespace+"/")
	if !is {
		kind = in.URL.Path[strings.LastIndex(in.URL.Path, "/")+1:]
	}
	kind, _, _ = strings.Cut(kind, "/")
	m.mu.Lock()
	defer m.mu.Unlock()
	m.asked[verb+" "+kind]++
}

// start begins to count anew, and answers with what was counted before.
func (m *meter) start() (sum int, asked string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var lines []string
	for _, what := range slices.Sorted(maps.Keys(m.asked)) {
		sum += m.asked[what]
		lines = append(lines, fmt.Sprintf("%s %d", what, m.asked[what]))
	}
	m.asked = map[string]int{}
	return sum, strings.Join(lines, ", ")
}
