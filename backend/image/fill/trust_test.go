package fill_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/backend/image/fill"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/test/manager"
)

// TestTrust holds that downloads are told whom the site believes, as it is when they begin, and that nothing else is.
func TestTrust(t *testing.T) {
	s := newSite(t)
	s.class("fast")
	written := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: fill.Authorities}}
	s.RemoveLater(written)
	before := s.volume(s.image("trusting-nobody", nil))
	if got := before.Spec.Source.HTTP.CertConfigMap; got != "" {
		t.Errorf("without the setting, the system's authorities are all: %q", got)
	}

	setting := &harvesterv1.Setting{ObjectMeta: metav1.ObjectMeta{Name: "additional-ca"}, Value: "first"}
	s.Make(setting)
	first := s.image("trusting", nil)
	if got := s.volume(first).Spec.Source.HTTP.CertConfigMap; got != fill.Authorities {
		t.Errorf("a download is told whom to believe: %q", got)
	}
	manager.Change(s.Cluster, setting, func(c *harvesterv1.Setting) { c.Value = "second" })
	second := s.image("trusting-too", nil)
	s.volume(second)
	if err := s.Get(t.Context(), client.ObjectKeyFromObject(written), written); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]string{"tls.crt": "second"}, written.Data); diff != "" {
		t.Errorf("it is what the setting says when the download begins: -want +got:\n%s", diff)
	}
	if owners := written.OwnerReferences; len(owners) != 2 || owners[0].UID != first.UID || owners[1].UID != second.UID {
		t.Errorf("it goes with the last image: %+v", owners)
	}
}
