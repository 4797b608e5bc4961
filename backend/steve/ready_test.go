package steve_test

import (
	"context"
	"strings"
	"testing"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// TestReadyNoMore takes a kind away from the server, as an upgrade of the site may, and gives it back.
func TestReadyNoMore(t *testing.T) {
	definition := &apiextensionsv1.CustomResourceDefinition{ObjectMeta: metav1.ObjectMeta{Name: "gadgets.test.crofthci.io"}}
	if err := site.admin.Delete(t.Context(), definition); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the definition goes", func() bool {
		return apierrors.IsNotFound(site.admin.Get(t.Context(), client.ObjectKeyFromObject(definition), definition))
	})
	eventually(t, "a server that cannot list a kind says so", func() bool {
		ready, says := site.server.Ready()
		return !ready && strings.Contains(says, "test.crofthci.io.gadget")
	})
	if err := define(context.Background(), site.admin); err != nil {
		t.Fatal(err)
	}
	eventually(t, "a server that can again says so", func() bool {
		ready, _ := site.server.Ready()
		return ready
	})
}
