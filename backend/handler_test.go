package main

import (
	"context"
	"crypto/tls"
	"math/rand/v2"
	"net"
	"net/http"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/pkg/kubevirt"
	"crofthci.io/croft/test/controlplane"
)

// handler is the virt-handler of node a, the one part of the way to a guest that needs a node. Its guests repeat what is
// typed into their consoles.
type handler struct {
	mutex sync.Mutex
	asked []string
}

// plainStream is the subprotocol of KubeVirt's consoles.
const plainStream = "plain.kubevirt.io"

// ServeHTTP answers virt-api.
func (h *handler) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	verb := req.Method + " " + req.URL.Path[strings.LastIndex(req.URL.Path, "/")+1:]
	h.mutex.Lock()
	h.asked = append(h.asked, verb)
	h.mutex.Unlock()
	if verb != "GET console" && verb != "GET vnc" {
		w.WriteHeader(http.StatusAccepted)
		return
	}
	upgrader := websocket.Upgrader{Subprotocols: []string{plainStream}, CheckOrigin: func(*http.Request) bool { return true }}
	conn, err := upgrader.Upgrade(w, req, nil)
	if err != nil {
		return
	}
	defer conn.Close()
	for {
		kind, typed, err := conn.ReadMessage()
		if err != nil || conn.WriteMessage(kind, append([]byte("guest: "), typed...)) != nil {
			return
		}
	}
}

// has says whether virt-api has asked for something.
func (h *handler) has(verb string) bool {
	h.mutex.Lock()
	defer h.mutex.Unlock()
	return slices.Contains(h.asked, verb)
}

// handle has node a answered for until the test ends. virt-api finds it by its pod, and dials the port that all have, so
// it gets a loopback address of its own.
func handle(t *testing.T) *handler {
	t.Helper()
	keys := filepath.Join(site.cluster.Certificates(), "virt-handler-server")
	certificate, err := tls.LoadX509KeyPair(filepath.Join(keys, "tls.crt"), filepath.Join(keys, "tls.key"))
	if err != nil {
		t.Fatal(err)
	}
	address := net.IPv4(127, byte(64+rand.IntN(64)), byte(rand.IntN(256)), byte(1+rand.IntN(254))).String()
	listener, err := net.Listen("tcp", net.JoinHostPort(address, strconv.Itoa(controlplane.HandlerPort)))
	if err != nil {
		t.Fatal(err)
	}
	h := &handler{}
	server := &http.Server{Handler: h, ReadHeaderTimeout: patience}
	go func() {
		_ = server.Serve(tls.NewListener(listener, &tls.Config{
			Certificates: []tls.Certificate{certificate}, ClientAuth: tls.RequireAnyClientCert, MinVersion: tls.VersionTLS12,
		}))
	}()
	t.Cleanup(func() { _ = server.Close() })
	pod := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: "kubevirt", GenerateName: "virt-handler-", Labels: map[string]string{"kubevirt.io": "virt-handler"}},
		Spec: corev1.PodSpec{
			NodeName: "a", ServiceAccountName: "kubevirt-handler", AutomountServiceAccountToken: ptr.To(false),
			Containers: []corev1.Container{{Name: "virt-handler", Image: "none"}},
		},
	}
	if err := site.admin.Create(t.Context(), pod); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := site.admin.Delete(context.Background(), pod, client.GracePeriodSeconds(0)); err != nil {
			t.Error(err)
		}
	})
	pod.Status.Phase, pod.Status.PodIP, pod.Status.PodIPs = corev1.PodRunning, address, []corev1.PodIP{{IP: address}}
	if err := site.admin.Status().Update(t.Context(), pod); err != nil {
		t.Fatal(err)
	}
	return h
}

func TestPauseAndGoOn(t *testing.T) {
	h := handle(t)
	m := running(t, "web")
	act(t, viewer, "web", "pause", "", http.StatusForbidden)
	act(t, owner, "web", "softreboot", "", http.StatusNoContent)
	act(t, owner, "web", "pause", "", http.StatusNoContent)
	if !h.has("PUT softreboot") || !h.has("PUT pause") || h.has("PUT unpause") {
		t.Errorf("the guest's node is asked: %v", h.asked)
	}
	act(t, owner, "web", "unpause", "", http.StatusConflict)
	vmi := read(t, &kubevirt.VirtualMachineInstance{ObjectMeta: metav1.ObjectMeta{Namespace: home, Name: "web"}})
	vmi.Status.Conditions = append(vmi.Status.Conditions, kubevirt.VirtualMachineInstanceCondition{
		Type: kubevirt.InstancePaused, Status: corev1.ConditionTrue,
	})
	if err := site.kubevirt.Update(t.Context(), vmi); err != nil {
		t.Fatal(err)
	}
	tell(t, read(t, m), kubevirt.StatusPaused)
	eventually(t, "the backend hears of the pause", func() bool {
		return ask(t, owner, http.MethodGet, machines+"web", "").body.Actions["unpause"] != ""
	})
	act(t, owner, "web", "unpause", "", http.StatusNoContent)
	if !h.has("PUT unpause") {
		t.Errorf("the guest's node is asked: %v", h.asked)
	}
}

// TestConsole types into a guest's consoles through the backend, which passes them on as it passes on all of the API.
func TestConsole(t *testing.T) {
	handle(t)
	running(t, "web")
	cases := map[string]struct {
		reason  string
		user    string
		console string
		want    int
	}{
		"Serial": {"a serial line", owner, "console", http.StatusSwitchingProtocols},
		"Screen": {"a screen", owner, "vnc", http.StatusSwitchingProtocols},
		"Viewer": {"who may only look does not type", viewer, "console", http.StatusForbidden},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			dialer := websocket.Dialer{
				TLSClientConfig: site.api.Client().Transport.(*http.Transport).TLSClientConfig, Subprotocols: []string{plainStream},
			}
			url := strings.Replace(site.api.URL, "https:", "wss:", 1) +
				"/apis/subresources.kubevirt.io/v1/namespaces/" + home + "/virtualmachineinstances/web/" + tc.console
			conn, response, err := dialer.DialContext(t.Context(), url, http.Header{"Authorization": {"Bearer " + site.tokens[tc.user]}})
			if response == nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			if response.StatusCode != tc.want {
				t.Fatalf("%s: want %d, got %s", tc.reason, tc.want, response.Status)
			}
			if err != nil {
				return
			}
			defer conn.Close()
			if err := conn.SetReadDeadline(time.Now().Add(patience)); err != nil {
				t.Fatal(err)
			}
			if err := conn.WriteMessage(websocket.BinaryMessage, []byte("uname -a")); err != nil {
				t.Fatal(err)
			}
			said := ""
			for said != "guest: uname -a" {
				_, part, err := conn.ReadMessage()
				if err != nil {
					t.Fatalf("%s: after %q: %v", tc.reason, said, err)
				}
				said += string(part)
			}
		})
	}
}
