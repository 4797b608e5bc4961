package main

import (
	"bufio"
	"crypto/tls"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/kubevirt"
)

// badDay is a request that nobody should send, and what it is answered with.
type badDay struct {
	reason  string
	user    string
	method  string
	path    string
	body    string
	headers map[string]string
	want    int
}

// keptOut is a 403, or a 404 where no role of the user's speaks of the kind: to him, there is none then.
const keptOut = 0

// ask sends the request, as nobody where there is no user.
func (b badDay) ask(t *testing.T) (int, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), b.method, site.api.URL+b.path, strings.NewReader(b.body))
	if err != nil {
		t.Fatal(err)
	}
	if b.user != "" {
		req.Header.Set("Authorization", "Bearer "+site.tokens[b.user])
	}
	for name, value := range b.headers {
		req.Header.Set(name, value)
	}
	response, err := site.api.Client().Do(req)
	if err != nil {
		t.Fatalf("%s: %v", b.reason, err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatalf("%s: %v", b.reason, err)
	}
	return response.StatusCode, string(text)
}

// require holds that a request is refused as it should be, and in words.
func (b badDay) require(t *testing.T) {
	t.Helper()
	status, text := b.ask(t)
	if b.want == keptOut && (status == http.StatusForbidden || status == http.StatusNotFound) {
		b.want = status
	}
	if status != b.want {
		t.Errorf("%s: want %d, got %d %s", b.reason, b.want, status, text)
	}
	if status >= http.StatusBadRequest && !strings.Contains(text, `"message":"`) {
		t.Errorf("%s: the answer says why: %s", b.reason, text)
	}
}

const allMachines = "/v1/harvester/kubevirt.io.virtualmachines"

// TestStrangers sends what people without business here send. None of it is let in.
func TestStrangers(t *testing.T) {
	halted(t, "web", nil)
	header := func(name, value string) map[string]string { return map[string]string{name: value} }
	get := http.MethodGet
	cases := map[string]badDay{
		"Nobody":          {"who does not say who he is", "", get, machines + "web", "", nil, 401},
		"Nonsense":        {"a word that is no token", "", get, machines + "web", "", header("Authorization", "Bearer x.y.z"), 401},
		"Revoked":         {"the token of an account that is gone", "", get, machines + "web", "", header("Authorization", "Bearer "+revoked(t)), 401},
		"NobodyRoute":     {"nor is a kubeconfig for nobody", "", get, credentials + "?namespace=default&serviceAccountName=x", "", nil, 401},
		"NobodyAPI":       {"nor is Kubernetes' own API", "", get, "/api/v1/namespaces/default/secrets", "", nil, 401},
		"RemoteUser":      {"the headers of other proxies name nobody", "", get, machines + "web", "", header("X-Remote-User", "system:admin"), 401},
		"Impersonates":    {"only Rancher's tunnel says for whom it asks", stranger, get, machines + "web", "", header("Impersonate-User", admin), 403},
		"ImpersonateUID":  {"not with any of its headers", stranger, get, machines + "web", "", header("Impersonate-Uid", "0"), 403},
		"ImpersonateMore": {"also on the way to Kubernetes' own API", stranger, get, "/api/v1/secrets", "", header("Impersonate-Group", "system:masters"), 403},
		"ImpersonateBits": {"nor with what Kubernetes adds", stranger, get, "/api/v1/secrets", "", header("Impersonate-Extra-Scopes", "all"), 403},
		"Stranger":        {"who has no right here reads nothing", stranger, get, machines + "web", "", nil, keptOut},
		"StrangerMakes":   {"and makes nothing", stranger, http.MethodPost, allMachines, machineText("default", "made"), nil, keptOut},
		"StrangerActs":    {"and does nothing", stranger, http.MethodPost, machines + "web?action=start", "", nil, keptOut},
		"OtherNamespace":  {"rights end with the namespace", owner, get, allMachines + "/kube-system/web", "", nil, keptOut},
		"OtherMakes":      {"also for making", owner, http.MethodPost, allMachines, machineText("kube-system", "made"), nil, keptOut},
		"OtherActs":       {"also for deeds", owner, http.MethodPost, allMachines + "/kube-system/web?action=start", "", nil, keptOut},
	}
	for name, tc := range cases {
		t.Run(name, tc.require)
	}
	requireNothingMade(t)
}

// TestNonsense sends what nobody can mean. All of it is refused, in words, and nothing comes of it.
func TestNonsense(t *testing.T) {
	halted(t, "web", nil)
	get, post := http.MethodGet, http.MethodPost
	deep := strings.Repeat("[", 100_000) + strings.Repeat("]", 100_000)
	typed := func(of string) map[string]string { return map[string]string{"Content-Type": of} }
	good := machineText("default", "made")
	cases := map[string]badDay{
		"NoName":       {"nothing is there", admin, get, machines + "nothing", "", nil, 404},
		"NoNamespace":  {"nor there", admin, get, allMachines + "/nowhere/web", "", nil, 404},
		"NoKind":       {"nor is there such a kind", admin, get, "/v1/harvester/kubevirt.io.unicorns", "", nil, 404},
		"NoLink":       {"of a machine that is not there, nothing can be fetched", admin, get, machines + "nothing/image", "", nil, 404},
		"MadeNowhere":  {"a namespace comes before what is in it", admin, post, allMachines, machineText("nowhere", "made"), nil, 404},
		"NoAction":     {"there is no such verb", admin, post, machines + "web?action=explode", "{}", nil, 403},
		"ActsNowhere":  {"and nothing to do it to", admin, post, machines + "nothing?action=start", "", nil, 404},
		"PutAll":       {"a list is not replaced", admin, http.MethodPut, allMachines, good, nil, 403},
		"DeleteAll":    {"nor removed", admin, http.MethodDelete, allMachines, "", nil, 403},
		"Trace":        {"Steve has five methods", admin, http.MethodTrace, machines + "web", "", nil, 405},
		"DeleteRoute":  {"and a route has those that it has", admin, http.MethodDelete, credentials, "", nil, 404},
		"Form":         {"a form is no object", admin, post, allMachines, good, typed("application/x-www-form-urlencoded"), 415},
		"Parts":        {"nor are parts of one", admin, post, allMachines, good, typed("multipart/form-data; boundary=x"), 415},
		"Plain":        {"nor is what a page elsewhere could have a browser send", admin, post, allMachines, good, typed("text/plain"), 415},
		"Deep":         {"nobody nests so deeply", admin, post, allMachines, `{"spec":` + deep + `}`, nil, 422},
		"DeepYAML":     {"in no notation", admin, post, allMachines, "spec: " + deep, typed("application/yaml"), 422},
		"DeepPatch":    {"nor in a change", admin, http.MethodPatch, machines + "web", `{"spec":` + deep + `}`, typed("application/merge-patch+json"), 422},
		"DeepAction":   {"nor in a deed", admin, post, machines + "web?action=createTemplate", `{"name":` + deep + `}`, nil, 422},
		"DeepRoute":    {"nor at an address of its own", admin, post, credentials, `{"namespace":` + deep + `}`, nil, 422},
		"Bomb":         {"aliases of aliases do not fill the memory", admin, post, allMachines, bomb, typed("application/yaml"), 422},
		"Unknown":      {"a field that nobody knows", admin, post, allMachines, strings.Replace(good, `"spec"`, `"sepc":1,"spec"`, 1), nil, 422},
		"Twice":        {"a field that is there twice", admin, post, allMachines, strings.Replace(good, `"spec"`, `"spec":{},"spec"`, 1), nil, 422},
		"NoText":       {"half a letter", admin, post, allMachines, strings.Replace(good, "made", "made\xff", 1), nil, 422},
		"After":        {"an object goes on after its end", admin, post, allMachines, good + good, nil, 422},
		"List":         {"a list is no object", admin, post, allMachines, "[" + good + "]", nil, 422},
		"Nothing":      {"nothing is no object", admin, post, allMachines, "", nil, 422},
		"Traversal":    {"a name does not lead elsewhere", admin, get, machines + "..%2f..%2fsecrets", "", nil, 404},
		"Dots":         {"nor does one of dots", admin, get, machines + "%2e%2e", "", nil, 404},
		"ActTraversal": {"also for deeds", admin, post, machines + "..%2fweb?action=start", "", nil, 404},
		"Slashes":      {"a namespace is a namespace", admin, get, allMachines + "/default%2fx/web", "", nil, 404},
		"AskTraversal": {"nor do names in questions", admin, get, credentials + "?namespace=..%2fx&serviceAccountName=y", "", nil, 422},
		"ActElsewhere": {"nor names in deeds", admin, post, machines + "web?action=addVolume", `{"diskName":"a","volumeSourceName":"../x"}`, nil, 422},
		"Keygen":       {"nor names of keys", admin, post, keypairs + "?action=keygen", `{"name":"a","namespace":"../x"}`, nil, 422},
		"BadFilter":    {"a filter that is none", admin, get, allMachines + "?filter=%00", "", nil, 200},
	}
	for name, tc := range cases {
		t.Run(name, tc.require)
	}
	requireNothingMade(t)
}

// bomb is a document that is small, and enormous when its aliases are written out.
const bomb = "a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b]\n" +
	"d: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d]\nf: &f [*e,*e,*e,*e,*e,*e,*e,*e,*e]\n" +
	"g: &g [*f,*f,*f,*f,*f,*f,*f,*f,*f]\nh: [*g,*g,*g,*g,*g,*g,*g,*g,*g]\n"

// machineText is a machine that can be made.
func machineText(namespace, name string) string {
	return fmt.Sprintf(`{"metadata":{"namespace":%q,"name":%q},"spec":{"runStrategy":"Halted","template":{"spec":`+
		`{"architecture":"amd64","terminationGracePeriodSeconds":60,"domain":{"devices":{},"memory":{"guest":"64Mi"}}}}}}`, namespace, name)
}

func requireNothingMade(t *testing.T) {
	t.Helper()
	all := &kubevirt.VirtualMachineList{}
	if err := site.admin.List(t.Context(), all); err != nil {
		t.Fatal(err)
	}
	for _, m := range all.Items {
		if m.Name != "web" || m.Namespace != home || *m.Spec.RunStrategy != kubevirt.RunStrategyHalted {
			t.Errorf("machine %s/%s was made or changed", m.Namespace, m.Name)
		}
	}
	keys := &harvesterv1.KeyPairList{}
	if err := site.admin.List(t.Context(), keys); err != nil || len(keys.Items) > 0 {
		t.Errorf("keys were made: %v %v", keys.Items, err)
	}
}

// revoked is a token that was good once.
func revoked(t *testing.T) string {
	t.Helper()
	account := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: home, Name: "gone"}}
	if err := site.admin.Create(t.Context(), account); err != nil {
		t.Fatal(err)
	}
	request := &authenticationv1.TokenRequest{}
	if err := site.admin.SubResource("token").Create(t.Context(), account, request); err != nil {
		t.Fatal(err)
	}
	if err := site.admin.Delete(t.Context(), account); err != nil {
		t.Fatal(err)
	}
	return request.Status.Token
}

// TestSecondRequest asks for the same twice: a name is given once.
func TestSecondRequest(t *testing.T) {
	m := vm("twin", kubevirt.RunStrategyHalted)
	t.Cleanup(func() { remove(t, m) })
	first := badDay{"a machine is made", admin, http.MethodPost, allMachines, machineText(home, "twin"), nil, http.StatusCreated}
	first.require(t)
	again := badDay{"and not made again", admin, http.MethodPost, allMachines, machineText(home, "twin"), nil, http.StatusConflict}
	again.require(t)
	read(t, m)
}

// TestEnormous begins to send an object of 50 MB. The server says that it is too much without waiting for it.
func TestEnormous(t *testing.T) {
	config := site.api.Client().Transport.(*http.Transport).TLSClientConfig.Clone()
	for _, path := range []string{allMachines, machines + "web?action=createTemplate", credentials} {
		t.Run(path, func(t *testing.T) {
			conn, err := tls.Dial("tcp", site.api.Listener.Addr().String(), config)
			if err != nil {
				t.Fatal(err)
			}
			defer conn.Close()
			if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
				t.Fatal(err)
			}
			halted(t, "web", nil)
			_, err = fmt.Fprintf(conn, "POST %s HTTP/1.1\r\nHost: croft\r\nAuthorization: Bearer %s\r\nContent-Type: application/json\r\n"+
				"Content-Length: 50000000\r\n\r\n{", path, site.tokens[admin])
			if err != nil {
				t.Fatal(err)
			}
			response, err := http.ReadResponse(bufio.NewReader(conn), nil)
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			if response.StatusCode != http.StatusRequestEntityTooLarge {
				t.Errorf("got %s", response.Status)
			}
		})
	}
}
