package importer

import (
	"context"
	"errors"
	"net/netip"
	"testing"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/client/fake"
	"sigs.k8s.io/controller-runtime/pkg/client/interceptor"

	"crofthci.io/croft/test/site/site"
)

// TestPlayOutlivesTheAPIServer plays a pod while the API server hangs up now and
// then, as one does that is killed.
func TestPlayOutlivesTheAPIServer(t *testing.T) {
	away := errors.New("connection refused")
	for reason, test := range map[string]struct {
		reads, writes int
		cause         error
	}{
		"nothing happens":                     {},
		"it does not answer questions":        {reads: 3, cause: away},
		"it hangs up when it is told":         {writes: 3, cause: away},
		"somebody else has told it meanwhile": {writes: 2, cause: apierrors.NewConflict(corev1.Resource("pods"), "pod", away)},
	} {
		pod := &corev1.Pod{
			ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "pod", UID: "u", Labels: map[string]string{component: "sizer"}},
			Spec:       corev1.PodSpec{NodeName: "site-1-node-1", Containers: []corev1.Container{{Name: "main"}}},
		}
		s := newTestSite(t, pod, interceptor.Funcs{
			Get: func(ctx context.Context, c client.WithWatch, key client.ObjectKey, o client.Object, options ...client.GetOption) error {
				if test.reads--; test.reads >= 0 {
					return test.cause
				}
				return c.Get(ctx, key, o, options...)
			},
			SubResourcePatch: func(ctx context.Context, c client.Client, sub string, o client.Object, patch client.Patch, options ...client.SubResourcePatchOption) error {
				if test.writes--; test.writes >= 0 {
					return test.cause
				}
				return c.SubResource(sub).Patch(ctx, o, patch, options...)
			},
		})
		if err := playUntilDone(t.Context(), s, pod); err != nil {
			t.Errorf("%s: the play ended: %v", reason, err)
			continue
		}
		if err := s.Client.Get(t.Context(), client.ObjectKeyFromObject(pod), pod); err != nil || pod.Status.Phase != corev1.PodSucceeded {
			t.Errorf("%s: the pod is %q, %v; want Succeeded", reason, pod.Status.Phase, err)
		}
	}
}

// TestSayEnds tells of pods that are not there any more.
func TestSayEnds(t *testing.T) {
	pod := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "pod", UID: "u"}}
	s := newTestSite(t, pod, interceptor.Funcs{})
	for reason, test := range map[string]struct {
		name string
		want func(error) bool
	}{
		"a pod that is gone":     {"gone", apierrors.IsNotFound},
		"a pod that is replaced": {"pod", func(err error) bool { return errors.Is(err, errReplaced) }},
	} {
		old := &corev1.Pod{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: test.name, UID: "older"}}
		w := &worker{site: s, pod: old}
		if err := w.say(t.Context(), func(*corev1.PodStatus) {}); !test.want(err) {
			t.Errorf("%s: got %v", reason, err)
		}
	}
}

func newTestSite(t *testing.T, pod *corev1.Pod, funcs interceptor.Funcs) *site.Site {
	t.Helper()
	scheme, err := site.Scheme()
	if err != nil {
		t.Fatal(err)
	}
	c := fake.NewClientBuilder().WithScheme(scheme).WithObjects(pod.DeepCopy()).
		WithStatusSubresource(&corev1.Pod{}).WithInterceptorFuncs(funcs).Build()
	s, err := site.With(site.Options{
		Name: "site-1", Nodes: 1, Network: netip.MustParsePrefix("127.21.0.0/16"), Data: t.TempDir(),
	}, c, nil)
	if err != nil {
		t.Fatal(err)
	}
	return s
}
