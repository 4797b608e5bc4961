package manager

import (
	"testing"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"sigs.k8s.io/cli-utils/pkg/kstatus/status"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/apiutil"
)

// What programs that wait for an object are told of it.
const (
	Current    = string(status.CurrentStatus)
	InProgress = string(status.InProgressStatus)
	Failed     = string(status.FailedStatus)
)

// HealthOf is Health where there is no cluster. kinds know the kind of the object.
func HealthOf(t *testing.T, kinds *runtime.Scheme, object client.Object) string {
	t.Helper()
	kind, err := apiutil.GVKForObject(object, kinds)
	if err != nil {
		t.Fatal(err)
	}
	fields, err := runtime.DefaultUnstructuredConverter.ToUnstructured(object)
	if err != nil {
		t.Fatal(err)
	}
	asked := &unstructured.Unstructured{Object: fields}
	asked.SetGroupVersionKind(kind)
	found, err := status.Compute(asked)
	if err != nil {
		t.Fatal(err)
	}
	return string(found.Status)
}

// Health asks the library that tools wait by (kstatus) what it makes of an object as it is here.
func (c *Cluster) Health(object client.Object) string {
	c.T.Helper()
	return HealthOf(c.T, c.Scheme(), object)
}
