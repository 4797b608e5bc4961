package controlplane_test

import (
	"testing"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"

	"crofthci.io/croft/test/controlplane"
)

func TestForTest(t *testing.T) {
	began := time.Now()
	config := controlplane.ForTest(t, controlplane.WithControllerManager("serviceaccount"))
	t.Logf("an API server in %s", time.Since(began).Round(time.Millisecond))
	client := kubernetes.NewForConfigOrDie(config)

	namespace := &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "web"}}
	if _, err := client.CoreV1().Namespaces().Create(t.Context(), namespace, metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	deadline := time.Now().Add(time.Minute)
	for {
		_, err := client.CoreV1().ServiceAccounts("web").Get(t.Context(), "default", metav1.GetOptions{})
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("the controller manager made no service account: %v", err)
		}
		time.Sleep(50 * time.Millisecond)
	}
}
