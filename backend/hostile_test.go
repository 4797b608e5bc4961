package main

import (
	"math/rand/v2"
	"reflect"
	"testing"

	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/client-go/kubernetes/scheme"

	"crofthci.io/croft/backend/capability"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/kubevirt"
)

// words are what strings of objects are made of: those that capabilities look for, and some that mean nothing.
var words = []string{
	"", "True", "False", "Unknown", "nonsense", "-1", "2026-01-01T00:00:00Z",
	harvesterv1.ImageImported, harvesterv1.ImageInitialized, harvesterv1.ImageRetryLimitExceeded, string(harvesterv1.ImageSourceUpload),
	harvesterv1.SettingConfigured,
	string(kubevirt.StatusRunning), string(kubevirt.StatusMigrating), string(kubevirt.StatusCrashLoopBackOff),
	string(kubevirt.StatusUnschedulable), string(kubevirt.StatusStopped), string(kubevirt.StatusDataVolumeError),
	string(kubevirt.ConditionReady), string(kubevirt.ConditionFailure), string(kubevirt.ConditionRestartRequired),
	string(kubevirt.ConditionManualRecovery), string(kubevirt.RunStrategyAlways), string(kubevirt.StartRequest),
}

// scribble fills a value with anything that its type can hold, each part of it or not.
func scribble(random *rand.Rand, value reflect.Value, depth int) {
	if random.IntN(4) == 0 || depth > 12 {
		return
	}
	switch value.Interface().(type) {
	case metav1.Time:
		value.Set(reflect.ValueOf(metav1.Unix(random.Int64N(1<<31), 0)))
		return
	case resource.Quantity:
		value.Set(reflect.ValueOf(*resource.NewQuantity(random.Int64N(1<<40)-1<<30, resource.BinarySI)))
		return
	case intstr.IntOrString:
		value.Set(reflect.ValueOf(intstr.FromString(words[random.IntN(len(words))])))
		return
	case []byte:
		return // documents inside of documents: nobody looks into them
	}
	switch value.Kind() {
	case reflect.String:
		value.SetString(words[random.IntN(len(words))])
	case reflect.Bool:
		value.SetBool(random.IntN(2) == 0)
	case reflect.Int, reflect.Int32, reflect.Int64:
		value.SetInt(random.Int64N(1<<31) - 1<<30)
	case reflect.Pointer:
		value.Set(reflect.New(value.Type().Elem()))
		scribble(random, value.Elem(), depth+1)
	case reflect.Slice:
		value.Set(reflect.MakeSlice(value.Type(), random.IntN(3), 3))
		for i := range value.Len() {
			scribble(random, value.Index(i), depth+1)
		}
	case reflect.Struct:
		for i := range value.NumField() {
			if value.Field(i).CanSet() {
				scribble(random, value.Field(i), depth+1)
			}
		}
	default: // the rest is left alone
	}
}

// TestHostileObjects holds that no capability falls over an object, whoever wrote it: states are found while lists are
// indexed, where a fall would take the whole server along.
func TestHostileObjects(t *testing.T) {
	kinds := runtime.NewScheme()
	if err := scheme.AddToScheme(kinds); err != nil { // as the server does for every capability
		t.Fatal(err)
	}
	for _, c := range capabilities {
		if err := c.Scheme.AddToScheme(kinds); err != nil {
			t.Fatal(err)
		}
	}
	const each = 2000
	for _, c := range capabilities {
		for _, r := range c.Resources {
			if r.State == nil {
				continue
			}
			t.Run(r.Kind.Kind, func(t *testing.T) {
				random := rand.New(rand.NewPCG(1, 2))
				for range each {
					object, err := kinds.New(r.Kind)
					if err != nil {
						t.Fatal(err)
					}
					scribble(random, reflect.ValueOf(object).Elem(), 0)
					requireUnderstood(t, r, object)
				}
			})
		}
	}
}

// requireUnderstood asks a capability everything it says of an object.
func requireUnderstood(t *testing.T, r capability.Resource, object runtime.Object) {
	t.Helper()
	fields, err := runtime.DefaultUnstructuredConverter.ToUnstructured(object)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if broken := recover(); broken != nil {
			t.Fatalf("%v\n%v", broken, fields)
		}
	}()
	subject, err := r.Read(capability.View{}, &unstructured.Unstructured{Object: fields})
	if err != nil {
		return // it says that it cannot be understood
	}
	if state := r.State(subject); state.Name == "" {
		t.Errorf("a state is a word: %v", fields)
	}
	for _, action := range r.Actions {
		_ = action.Unless(subject)
	}
}
