package clients

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"testing"
	"time"

	harvester "github.com/harvester/harvester/pkg/generated/clientset/versioned"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/kubernetes/scheme"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/client-go/util/retry"
)

// name of the site in the sandbox.
const siteName = "site-1"

// patience is how long anything may take that a machine or an image goes through.
const patience = 3 * time.Minute

// clients are what Harvester's programs make of a kubeconfig.
type clients struct {
	harvester *harvester.Clientset
	kube      *kubernetes.Clientset
	// subresources starts, stops and restarts machines.
	subresources *rest.RESTClient
}

// site is the sandbox's site as its administrator has it, in a namespace of the test.
type site struct {
	clients
	namespace string
	// images is where the sandbox serves the guests' images.
	images string
	// url, token and http reach /v1/harvester.
	url, token string
	http       *http.Client
}

// open finds the site and makes a namespace in it, which goes with the test.
func open(t *testing.T, namespace string) *site {
	t.Helper()
	dir := os.Getenv("CROFT_SANDBOX")
	if dir == "" {
		t.Fatal("CROFT_SANDBOX is not set: run `make test-clients`, which starts a sandbox of one site")
	}
	config, err := clientcmd.BuildConfigFromFlags("", filepath.Join(dir, siteName, "kubeconfig"))
	if err != nil {
		t.Fatal(err)
	}
	s := &site{clients: clientsOf(t, config), namespace: namespace}
	var sandbox struct{ Ports map[string]map[string]int }
	read(t, filepath.Join(dir, "sandbox.json"), &sandbox)
	s.images = fmt.Sprintf("http://127.0.0.1:%d/guests", sandbox.Ports["sandbox"]["guests"])
	var backend struct{ URL, CACert, Token string }
	read(t, filepath.Join(dir, siteName, "backend.json"), &backend)
	roots := x509.NewCertPool()
	if !roots.AppendCertsFromPEM([]byte(backend.CACert)) {
		t.Fatal("backend.json: caCert is no certificate")
	}
	s.url, s.token = backend.URL, backend.Token
	s.http = &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}}, Timeout: time.Minute}

	made := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace}}
	if _, err := s.kube.CoreV1().Namespaces().Create(t.Context(), made, metav1.CreateOptions{}); err != nil && !apierrors.IsAlreadyExists(err) {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.kube.CoreV1().Namespaces().Delete(context.Background(), namespace, metav1.DeleteOptions{}); err != nil {
			t.Errorf("remove namespace %s: %v", namespace, err)
		}
	})
	return s
}

// clientsOf makes the three clients as the Terraform provider and the node driver make theirs.
func clientsOf(t *testing.T, config *rest.Config) clients {
	t.Helper()
	var made clients
	var err error
	if made.harvester, err = harvester.NewForConfig(config); err != nil {
		t.Fatal(err)
	}
	if made.kube, err = kubernetes.NewForConfig(config); err != nil {
		t.Fatal(err)
	}
	below := rest.CopyConfig(config)
	below.GroupVersion = &schema.GroupVersion{Group: "subresources.kubevirt.io", Version: "v1"}
	below.APIPath, below.NegotiatedSerializer = "/apis", scheme.Codecs.WithoutConversion()
	if made.subresources, err = rest.RESTClientFor(below); err != nil {
		t.Fatal(err)
	}
	return made
}

// read reads a file of the sandbox.
func read(t *testing.T, file string, into any) {
	t.Helper()
	content, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(content, into); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
}

// raw sends a request to the site's server of /v1/harvester, which has to succeed, and answers what it says.
func (s *site) raw(t *testing.T, method, path string, body any) []byte {
	t.Helper()
	content, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	request, err := http.NewRequestWithContext(t.Context(), method, s.url+"/v1/harvester/"+path, bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Authorization", "Bearer "+s.token)
	request.Header.Set("Content-Type", "application/json")
	request.Header.Set("Accept", "application/json")
	response, err := s.http.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	answer, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	if response.StatusCode >= http.StatusBadRequest {
		t.Fatalf("%s %s: %d %s", method, path, response.StatusCode, answer)
	}
	return answer
}

// get reads an object of /v1/harvester.
func (s *site) get(t *testing.T, path string, into any) {
	t.Helper()
	answer := s.raw(t, http.MethodGet, path, nil)
	if err := json.Unmarshal(answer, into); err != nil {
		t.Fatalf("%s: %v in %s", path, err, answer)
	}
}

// errEnd ends a wait at once: it can no longer come out well.
var errEnd = errors.New("there is nothing to wait for")

// eventually tries until there is no error, or fails the test with the last one.
func eventually(t *testing.T, what string, try func() error) {
	t.Helper()
	began := time.Now()
	for {
		err := try()
		if err == nil {
			return
		}
		if errors.Is(err, errEnd) || time.Since(began) > patience || t.Context().Err() != nil {
			t.Fatalf("%s: after %.0f s: %v", what, time.Since(began).Seconds(), err)
		}
		time.Sleep(300 * time.Millisecond)
	}
}

// gone waits until reading says that there is nothing.
func gone(t *testing.T, what string, read func() error) {
	t.Helper()
	eventually(t, what+" goes", func() error {
		err := read()
		if apierrors.IsNotFound(err) {
			return nil
		}
		return fmt.Errorf("it is there: %v", err)
	})
}

// changed reads an object, edits it and writes it back, again when somebody has written it meanwhile.
func changed[T any](ctx context.Context, get func(context.Context, string, metav1.GetOptions) (T, error),
	update func(context.Context, T, metav1.UpdateOptions) (T, error), name string, edit func(T)) error {
	return retry.RetryOnConflict(retry.DefaultBackoff, func() error {
		found, err := get(ctx, name, metav1.GetOptions{})
		if err != nil {
			return err
		}
		edit(found)
		_, err = update(ctx, found, metav1.UpdateOptions{})
		return err
	})
}
