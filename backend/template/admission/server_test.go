package admission_test

import (
	"context"
	"errors"
	"net/http"
	"os"
	"strings"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/rest"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/backend/template/admission"
	"crofthci.io/croft/backend/template/choose"
	"crofthci.io/croft/backend/template/number"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/test/manager"
)

var api *rest.Config

func TestMain(m *testing.M) { os.Exit(manager.Main(m, &api)) }

func template(name string) *harvesterv1.VirtualMachineTemplate {
	return &harvesterv1.VirtualMachineTemplate{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: name}}
}

func version(name, of string, changes ...func(*harvesterv1.VirtualMachineTemplateVersionSpec)) *harvesterv1.VirtualMachineTemplateVersion {
	made := &harvesterv1.VirtualMachineTemplateVersion{
		ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: name},
		Spec: harvesterv1.VirtualMachineTemplateVersionSpec{
			TemplateID: "default/" + of,
			VM:         runtime.RawExtension{Raw: []byte(`{"spec":{"runStrategy":"Halted","ofTomorrow":{"kept":true}}}`)},
		},
	}
	for _, change := range changes {
		change(&made.Spec)
	}
	return made
}

// keep makes a version that goes when the test ends, like all of them: no collector runs here. See start.
func keep(c *manager.Cluster, v *harvesterv1.VirtualMachineTemplateVersion) {
	c.T.Helper()
	if err := c.Create(c.T.Context(), v); err != nil {
		c.T.Fatal(err)
	}
}

// numbered waits until a version has a number, and answers it.
func numbered(c *manager.Cluster, v *harvesterv1.VirtualMachineTemplateVersion) int {
	manager.Until(c, v, "have a number", func(v *harvesterv1.VirtualMachineTemplateVersion) bool { return v.Status.Version > 0 })
	return v.Status.Version
}

func start(t *testing.T) *manager.Cluster {
	t.Helper()
	hooks := manager.NewWebhooks(t)
	c := manager.Start(t, api, manager.Options{
		Kinds: runtime.SchemeBuilder{harvesterv1.AddToScheme}, Webhook: hooks.Server,
		SetUp: func(to ctrl.Manager) error {
			return errors.Join(number.New(to).SetUp(to), choose.New(to).SetUp(to), admission.SetUp(to))
		},
	})
	t.Cleanup(func() { // when no webhook keeps a default any more
		err := c.DeleteAllOf(context.Background(), &harvesterv1.VirtualMachineTemplateVersion{}, client.InNamespace("default"))
		if err != nil {
			t.Error(err)
		}
	})
	hooks.Call(c, admission.TemplatePath)
	hooks.Call(c, admission.NameVersionPath, admission.VersionPath)
	return c
}

// TestLife numbers versions, chooses the first, and keeps what is chosen.
func TestLife(t *testing.T) {
	c := start(t)
	of := template("web")
	c.Make(of)
	first := version("web-1", "web")
	keep(c, first)
	if got := numbered(c, first); got != 1 {
		t.Errorf("the first version is 1: %d", got)
	}
	chosen := func(id string, of int) func(*harvesterv1.VirtualMachineTemplate) bool {
		return func(t *harvesterv1.VirtualMachineTemplate) bool {
			return t.Spec.DefaultVersionID == id && t.Status.DefaultVersion == of
		}
	}
	manager.Until(c, of, "have the first version as its default", chosen("default/web-1", 1))
	second := version("web-2", "web")
	keep(c, second)
	if got := numbered(c, second); got != 2 {
		t.Errorf("the next is 2: %d", got)
	}
	if !strings.Contains(string(second.Spec.VM.Raw), "ofTomorrow") {
		t.Errorf("what nobody here knows is kept: %s", second.Spec.VM.Raw)
	}
	if len(second.OwnerReferences) != 1 || second.OwnerReferences[0].UID != of.UID || second.Labels[harvesterv1.LabelTemplate] != "web" {
		t.Errorf("a version goes with its template, and is found by it: %+v", second.ObjectMeta)
	}
	if of.Spec.DefaultVersionID != "default/web-1" {
		t.Errorf("and does not become the default by itself: %s", of.Spec.DefaultVersionID)
	}
	requireCode(t, c.Delete(t.Context(), first.DeepCopy()), http.StatusConflict, "Cannot delete the default templateVersion: version web-1 is the default of template default/web", "the default stays")
	manager.Until(c, of, "know its latest version", func(t *harvesterv1.VirtualMachineTemplate) bool { return t.Status.LatestVersion == 2 })
	manager.Change(c, of, func(t *harvesterv1.VirtualMachineTemplate) { t.Spec.DefaultVersionID = "default/web-2" })
	manager.Until(c, of, "have the second as its default", chosen("default/web-2", 2))
	requireCode(t, c.Delete(t.Context(), first.DeepCopy()), 0, "", "what is the default no more goes")
	third := version("", "web") // as clients of Harvester make one
	keep(c, third)
	if got := numbered(c, third); got != 3 {
		t.Errorf("no number is used twice: %d", got)
	}
	if !strings.HasPrefix(third.Name, "web-") {
		t.Errorf("a version without a name is named for its template: %q", third.Name)
	}
}

// TestReady waits for the images of a version.
func TestReady(t *testing.T) {
	c := start(t)
	c.Make(template("db"))
	image := &harvesterv1.VirtualMachineImage{
		ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "disk"},
		Spec:       harvesterv1.VirtualMachineImageSpec{DisplayName: "disk", SourceType: harvesterv1.ImageSourceUpload},
	}
	v := version("db-1", "db", func(s *harvesterv1.VirtualMachineTemplateVersionSpec) {
		s.VM.Raw = []byte(`{"metadata":{"annotations":{"harvesterhci.io/volumeClaimTemplates":` +
			`"[{\"metadata\":{\"name\":\"root\",\"annotations\":{\"harvesterhci.io/imageId\":\"default/disk\"}}}]"}}}`)
	})
	keep(c, v)
	is := func(reason string) func(*harvesterv1.VirtualMachineTemplateVersion) bool {
		return func(v *harvesterv1.VirtualMachineTemplateVersion) bool {
			ready := harvesterv1.ConditionOf(v.Status.Conditions, harvesterv1.TemplateVersionReady)
			return ready != nil && ready.Reason == reason && harvesterv1.ConditionIsTrue(v.Status.Conditions, harvesterv1.TemplateVersionAssigned)
		}
	}
	manager.Until(c, v, "wait for an image that is not there", is(number.ReasonImageNotFound))
	c.Make(image)
	manager.Until(c, v, "wait for its bytes", is(number.ReasonImageNotReady))
	manager.Report(c, image, func(i *harvesterv1.VirtualMachineImage) {
		i.Status.Conditions = []harvesterv1.Condition{{Type: harvesterv1.ImageImported, Status: metav1.ConditionTrue}}
	})
	manager.Until(c, v, "be ready", is(number.ReasonReady))
}

// asEditor is the API server as a user sees it who may do what he likes in one namespace with templates alone.
func asEditor(c *manager.Cluster) client.Client {
	c.T.Helper()
	c.Grant("default", "templates", manager.User("editor"), rbacv1.PolicyRule{
		APIGroups: []string{"harvesterhci.io"}, Verbs: []string{"*"},
		Resources: []string{harvesterv1.Templates.Resource, harvesterv1.TemplateVersions.Resource},
	})
	return c.As("editor", "system:authenticated")
}

func TestRefused(t *testing.T) {
	c := start(t)
	c.Make(template("app"))
	c.Make(template("other"))
	there, foreign := version("app-1", "app"), version("other-1", "other")
	keep(c, there)
	keep(c, foreign)
	numbered(c, there)
	numbered(c, foreign)
	editor := asEditor(c)
	type spec = harvesterv1.VirtualMachineTemplateVersionSpec
	naming := func(v *harvesterv1.VirtualMachineTemplateVersion, by client.Client) func(context.Context) error {
		return func(ctx context.Context) error { return by.Create(ctx, v) }
	}
	cases := map[string]struct {
		reason string
		do     func(context.Context) error
		code   int32
		says   string
	}{
		"NoTemplate": {"a version is of something", naming(version("a", "none"), c), http.StatusUnprocessableEntity, "spec.templateId"},
		"Elsewhere":  {"and goes with it", naming(version("b", "", func(s *spec) { s.TemplateID = "kube-system/app" }), c), http.StatusUnprocessableEntity, "the version's own namespace, default"},
		"NoKey":      {"a key that is not there is named", naming(version("c", "app", func(s *spec) { s.KeyPairIDs = []string{"default/none"} }), c), http.StatusUnprocessableEntity, "spec.keyPairIds[0]"},
		"HiddenKey":  {"who may not read a key does not learn whether it exists", naming(version("d", "app", func(s *spec) { s.KeyPairIDs = []string{"default/none"} }), editor), http.StatusForbidden, `user "editor" may not read what spec.keyPairIds[0] names`},
		"WrongKey":   {"nor can there be one of such a name", naming(version("f", "app", func(s *spec) { s.KeyPairIDs = []string{"default/../x"} }), c), http.StatusUnprocessableEntity, "spec.keyPairIds[0]"},
		"WrongImage": {"or an image", naming(version("g", "app", func(s *spec) { s.ImageID = "default/a/b" }), c), http.StatusUnprocessableEntity, "spec.imageId"},
		"NoImage":    {"so is an image", naming(version("e", "app", func(s *spec) { s.ImageID = "default/none" }), c), http.StatusUnprocessableEntity, "spec.imageId"},
		"Changed": {"a version stays what it was made", func(ctx context.Context) error {
			return c.Patch(ctx, there.DeepCopy(), client.RawPatch("application/merge-patch+json", []byte(`{"spec":{"vm":{"spec":{"runStrategy":"Always"}}}}`)))
		}, http.StatusUnprocessableEntity, "a version stays what it was made"},
		"Foreign": {"the default is a version of the template", func(ctx context.Context) error {
			return c.Patch(ctx, template("app"), client.RawPatch("application/merge-patch+json", []byte(`{"spec":{"defaultVersionId":"default/other-1"}}`)))
		}, http.StatusUnprocessableEntity, "spec.defaultVersionId"},
		"Missing": {"that is there", func(ctx context.Context) error {
			return c.Patch(ctx, template("app"), client.RawPatch("application/merge-patch+json", []byte(`{"spec":{"defaultVersionId":"default/none"}}`)))
		}, http.StatusUnprocessableEntity, "spec.defaultVersionId"},
		"Nonsense": {"and that could be there", func(ctx context.Context) error {
			return c.Patch(ctx, template("app"), client.RawPatch("application/merge-patch+json", []byte(`{"spec":{"defaultVersionId":"default/a/b"}}`)))
		}, http.StatusUnprocessableEntity, "spec.defaultVersionId"},
		"Labelled": {"labels are no change", func(ctx context.Context) error {
			return c.Patch(ctx, there.DeepCopy(), client.RawPatch("application/merge-patch+json", []byte(`{"metadata":{"labels":{"a":"b"}}}`)))
		}, 0, ""},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) { requireCode(t, tc.do(t.Context()), tc.code, tc.says, tc.reason) })
	}
}

func requireCode(t *testing.T, err error, code int32, says, reason string) {
	t.Helper()
	if code == 0 {
		if err != nil {
			t.Errorf("%s: %v", reason, err)
		}
		return
	}
	var status apierrors.APIStatus
	if !errors.As(err, &status) || status.Status().Code != code || !strings.Contains(err.Error(), says) {
		t.Errorf("%s: want %d and %q, got %v", reason, code, says, err)
	}
}
