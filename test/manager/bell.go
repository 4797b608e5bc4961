package manager

import (
	"context"
	"strings"
	"time"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/webhook"
	"sigs.k8s.io/controller-runtime/pkg/webhook/admission"
)

// An API server hears of a webhook a moment after its configuration is written, and lets everything pass until then; it
// also calls it a moment longer than the configuration is there. So every configuration of a test has a bell beside it: a
// webhook that refuses the ConfigMaps that are labelled for it. Who rings and is refused knows that the server has heard.
const (
	bellPath  = "/bell"
	bellLabel = "test.crofthci.io/rings"
	rung      = "the bell of a test rings"
)

var (
	bell      = &webhook.Admission{Handler: admission.HandlerFunc(func(context.Context, admission.Request) admission.Response { return admission.Denied(rung) })}
	bellRules = rules(corev1.SchemeGroupVersion.WithResource("configmaps"), admissionregistrationv1.Create)
)

// bellOf selects what rings the bell of a configuration.
func bellOf(configuration string) *metav1.LabelSelector {
	return &metav1.LabelSelector{MatchLabels: map[string]string{bellLabel: configuration}}
}

// untilRings waits until the API server calls what a configuration says, or does so no more.
func untilRings(c *Cluster, configuration string, want bool) {
	c.T.Helper()
	const pause = 10 * time.Millisecond
	for deadline := time.Now().Add(patience); ; time.Sleep(pause) {
		rings := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{
			Namespace: metav1.NamespaceDefault, GenerateName: "rings-", Labels: map[string]string{bellLabel: configuration},
		}}
		err := c.Create(context.Background(), rings, client.DryRunAll) // also when the test's context has ended
		if want == (err != nil && strings.Contains(err.Error(), rung)) && (want || err == nil) {
			return
		}
		if time.Now().After(deadline) {
			c.T.Fatalf("the API server never heard of webhook %s: %v", configuration, err)
		}
	}
}
