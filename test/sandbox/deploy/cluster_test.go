package deploy_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"crofthci.io/croft/test/controlplane"
	"crofthci.io/croft/test/sandbox/deploy"
)

const manifest = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: racks.example.org}
spec:
  group: example.org
  names: {kind: Rack, plural: racks}
  scope: Namespaced
  versions:
  - name: v1
    served: true
    storage: true
    schema: {openAPIV3Schema: {type: object, properties: {spec: {type: object, properties: {units: {type: integer}}}}}}
---
apiVersion: v1
kind: Namespace
metadata: {name: cellar}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: porter}
---
apiVersion: example.org/v1
kind: Rack
metadata: {name: left}
spec: {units: 42}
`

func TestCluster(t *testing.T) {
	config := controlplane.ForTest(t)
	cluster, err := deploy.To(config)
	if err != nil {
		t.Fatal(err)
	}
	m, err := deploy.Parse(manifest)
	if err != nil {
		t.Fatal(err)
	}
	for _, attempt := range []string{"empty", "applied before"} {
		if err := cluster.Apply(t.Context(), m, "cellar"); err != nil {
			t.Fatalf("Apply to a cluster that is %s: %v", attempt, err)
		}
	}
	racks := schema.GroupVersionResource{Group: "example.org", Version: "v1", Resource: "racks"}
	if _, err := cluster.Dynamic.Resource(racks).Namespace("cellar").Get(t.Context(), "left", metav1.GetOptions{}); err != nil {
		t.Errorf("an object of the manifest's own kind: %v", err)
	}

	file := filepath.Join(t.TempDir(), "token")
	ends, err := cluster.Token(t.Context(), metav1.ObjectMeta{Namespace: "cellar", Name: "porter"}, file)
	if err != nil {
		t.Fatal(err)
	}
	if left := time.Until(ends); left < deploy.Lifetime/2 {
		t.Errorf("the token ends in %s, asked for %s", left, deploy.Lifetime)
	}
	token, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	porter := rest.AnonymousClientConfig(config)
	porter.BearerToken = string(token)
	review, err := kubernetes.NewForConfigOrDie(porter).AuthenticationV1().SelfSubjectReviews().
		Create(t.Context(), &authenticationv1.SelfSubjectReview{}, metav1.CreateOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if got, want := review.Status.UserInfo.Username, "system:serviceaccount:cellar:porter"; got != want {
		t.Errorf("the token belongs to %q, want %q", got, want)
	}
}
