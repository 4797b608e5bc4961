package lightapi_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/watch"
	"k8s.io/client-go/discovery"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/dynamic/dynamicinformer"
	"k8s.io/client-go/rest"

	"crofthci.io/croft/test/bench/lightapi"
)

var things = lightapi.KindOf("example.org", "v1", "Thing", "things")

// start serves a server with so many things in two namespaces.
func start(t *testing.T, count int) (*lightapi.Server, *rest.Config, dynamic.NamespaceableResourceInterface) {
	t.Helper()
	api := lightapi.New(things)
	for i := range count {
		if err := api.Fill(things, object(fmt.Sprintf("n-%d", i%2), fmt.Sprintf("thing-%02d", i))); err != nil {
			t.Fatal(err)
		}
	}
	listener := httptest.NewServer(api)
	t.Cleanup(listener.Close)
	t.Cleanup(api.End)
	config := &rest.Config{Host: listener.URL}
	client, err := dynamic.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	return api, config, client.Resource(things.GroupVersion().WithResource(things.Resource))
}

func object(namespace, name string) map[string]any {
	return map[string]any{"metadata": map[string]any{"namespace": namespace, "name": name}, "spec": map[string]any{"size": "1"}}
}

func thing(namespace, name string) *unstructured.Unstructured {
	o := &unstructured.Unstructured{Object: object(namespace, name)}
	o.SetGroupVersionKind(things.GroupVersionKind)
	return o
}

func names(list *unstructured.UnstructuredList) []string {
	var all []string
	for _, each := range list.Items {
		all = append(all, each.GetNamespace()+"/"+each.GetName())
	}
	return all
}

func TestPagesShowOneMoment(t *testing.T) {
	_, _, client := start(t, 6)
	page, err := client.List(t.Context(), metav1.ListOptions{Limit: 2})
	if err != nil {
		t.Fatal(err)
	}
	all := names(page)
	if left := page.GetRemainingItemCount(); left == nil || *left != 4 {
		t.Errorf("four are left, not %v", left)
	}
	if err := client.Namespace("n-1").Delete(t.Context(), "thing-05", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	if _, err := client.Namespace("n-1").Create(t.Context(), thing("n-1", "thing-99"), metav1.CreateOptions{}); err != nil {
		t.Fatal(err)
	}
	for page.GetContinue() != "" {
		if page, err = client.List(t.Context(), metav1.ListOptions{Limit: 2, Continue: page.GetContinue()}); err != nil {
			t.Fatal(err)
		}
		all = append(all, names(page)...)
	}
	want := []string{"n-0/thing-00", "n-0/thing-02", "n-0/thing-04", "n-1/thing-01", "n-1/thing-03", "n-1/thing-05"}
	if diff := cmp.Diff(want, all); diff != "" {
		t.Errorf("a list shows the moment at which it began (-want +got)\n%s", diff)
	}
}

func TestForgottenIsExpired(t *testing.T) {
	api, _, client := start(t, 6)
	page, err := client.List(t.Context(), metav1.ListOptions{Limit: 2})
	if err != nil {
		t.Fatal(err)
	}
	if err := client.Namespace("n-1").Delete(t.Context(), "thing-05", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	api.Forget()
	_, err = client.List(t.Context(), metav1.ListOptions{Limit: 2, Continue: page.GetContinue()})
	if !apierrors.IsResourceExpired(err) {
		t.Errorf("a page of a forgotten moment is refused with 410, not %v", err)
	}
	follow, err := client.Watch(t.Context(), metav1.ListOptions{ResourceVersion: page.GetResourceVersion()})
	if err != nil {
		t.Fatal(err)
	}
	defer follow.Stop()
	event := <-follow.ResultChan()
	if err := apierrors.FromObject(event.Object); event.Type != watch.Error || !apierrors.IsResourceExpired(err) {
		t.Errorf("a watch from there ends with 410, not %s %v", event.Type, err)
	}
}

func TestWatchGoesOn(t *testing.T) {
	_, _, client := start(t, 2)
	list, err := client.List(t.Context(), metav1.ListOptions{})
	if err != nil {
		t.Fatal(err)
	}
	in := client.Namespace("n-0")
	changed := list.Items[0].DeepCopy()
	for range 2 {
		if changed, err = in.Update(t.Context(), changed, metav1.UpdateOptions{}); err != nil {
			t.Fatal(err)
		}
	}
	if err := in.Delete(t.Context(), changed.GetName(), metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	follow, err := client.Watch(t.Context(), metav1.ListOptions{ResourceVersion: list.GetResourceVersion()})
	if err != nil {
		t.Fatal(err)
	}
	defer follow.Stop()
	var got []watch.EventType
	for range 3 {
		got = append(got, (<-follow.ResultChan()).Type)
	}
	if diff := cmp.Diff([]watch.EventType{watch.Modified, watch.Modified, watch.Deleted}, got); diff != "" {
		t.Errorf("a watch tells everything after its version, in order (-want +got)\n%s", diff)
	}
}

func TestWritesOverWhatWasNotSeen(t *testing.T) {
	_, _, client := start(t, 1)
	in := client.Namespace("n-0")
	seen, err := in.Get(t.Context(), "thing-00", metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := in.Update(t.Context(), seen, metav1.UpdateOptions{}); err != nil {
		t.Fatal(err)
	}
	if _, err := in.Update(t.Context(), seen, metav1.UpdateOptions{}); !apierrors.IsConflict(err) {
		t.Errorf("the second of two who saw the same is refused with 409, not %v", err)
	}
	if _, err := in.Create(t.Context(), seen, metav1.CreateOptions{}); !apierrors.IsAlreadyExists(err) {
		t.Errorf("what is there is not made again: %v", err)
	}
	if _, err := in.Get(t.Context(), "none", metav1.GetOptions{}); !apierrors.IsNotFound(err) {
		t.Errorf("what is not there is not found: %v", err)
	}
}

// TestInformer holds that client-go's own informer follows the server, with the list in a stream that it begins with today.
func TestInformer(t *testing.T) {
	_, config, client := start(t, 50)
	dynamicClient, err := dynamic.NewForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	informer := dynamicinformer.NewDynamicSharedInformerFactory(dynamicClient, 0).ForResource(things.GroupVersion().WithResource(things.Resource)).Informer()
	go informer.Run(ctx.Done())
	for !informer.HasSynced() || len(informer.GetStore().ListKeys()) != 50 {
		wait(ctx, t, "the informer has all")
	}
	if err := client.Namespace("n-0").Delete(ctx, "thing-00", metav1.DeleteOptions{}); err != nil {
		t.Fatal(err)
	}
	for len(informer.GetStore().ListKeys()) != 49 {
		wait(ctx, t, "the informer sees that one is gone")
	}
}

func wait(ctx context.Context, t *testing.T, what string) {
	t.Helper()
	select {
	case <-ctx.Done():
		t.Fatalf("it did not happen that %s", what)
	case <-time.After(5 * time.Millisecond):
	}
}

func TestDiscovery(t *testing.T) {
	_, config, _ := start(t, 0)
	client, err := discovery.NewDiscoveryClientForConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	_, lists, err := client.ServerGroupsAndResources()
	if err != nil {
		t.Fatal(err)
	}
	var told []string
	for _, list := range lists {
		for _, resource := range list.APIResources {
			told = append(told, list.GroupVersion+" "+resource.Name)
		}
	}
	if diff := cmp.Diff([]string{"example.org/v1 things"}, told); diff != "" {
		t.Errorf("the one kind is told (-want +got)\n%s", diff)
	}
	version, err := client.ServerVersion()
	if err != nil || version.GitVersion != lightapi.Version {
		t.Errorf("the version is told: %v %v", version, err)
	}
}

func TestWhatItHasNotIsRefused(t *testing.T) {
	_, config, client := start(t, 1)
	if _, err := client.List(t.Context(), metav1.ListOptions{LabelSelector: "a=b"}); !apierrors.IsBadRequest(err) {
		t.Errorf("a selector is refused, not left out of account: %v", err)
	}
	response, err := http.Get(config.Host + "/apis/example.org/v1/others")
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusNotFound {
		t.Errorf("another kind is not found: %s", response.Status)
	}
}
