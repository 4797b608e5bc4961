package main

import (
	"context"
	"crypto/tls"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	authenticationv1 "k8s.io/api/authentication/v1"
	coordinationv1 "k8s.io/api/coordination/v1"
	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	"crofthci.io/croft/backend/image/relay"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/cdi"
	"crofthci.io/croft/pkg/kubevirt"
	"crofthci.io/croft/test/manager"
)

// croft is the namespace that the chart is installed in.
const croft = "harvester-system"

// managing is one process of the site's controllers and webhooks, with the rights that the chart gives it.
type managing struct {
	*program
	health, metrics string
}

// chart is the chart as it stands in the site, for a process that serves webhooks at an address.
type chart struct {
	arguments  []string
	kubeconfig string
	keys       string
}

// install puts the chart's objects into the site. Its webhooks go when the test ends.
func install(t *testing.T, webhooks string) chart {
	t.Helper()
	for _, object := range []client.Object{
		&corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: croft}}, manager.Open(cdi.DataVolumeKind, false),
		manager.OpenCluster(cdi.StorageProfileKind), manager.OpenCluster(cdi.InstallationKind),
	} {
		stay(t, object)
	}
	_, port, err := net.SplitHostPort(webhooks)
	if err != nil {
		t.Fatal(err)
	}
	number, err := strconv.Atoi(port)
	if err != nil {
		t.Fatal(err)
	}
	rendered := render(t, map[string]any{
		"manage":  map[string]any{"webhookListen": webhooks},
		"service": map[string]any{"externalName": "localhost"}, "webhook": map[string]any{"port": number},
	})
	for document := range strings.SplitSeq(rendered, "\n---\n") {
		object := &unstructured.Unstructured{}
		if err := yaml.Unmarshal([]byte(document), &object.Object); err != nil {
			t.Fatal(err)
		}
		switch object.GetKind() {
		case "", "Deployment":
		case "MutatingWebhookConfiguration", "ValidatingWebhookConfiguration":
			create(t, object)
		default:
			stay(t, object)
		}
	}
	installed := chart{keys: t.TempDir(), kubeconfig: filepath.Join(t.TempDir(), "kubeconfig")}
	for _, deployment := range documents[appsv1.Deployment](t, rendered, "Deployment") {
		if deployment.Name == "croft-manage" {
			installed.arguments = deployment.Spec.Template.Spec.Containers[0].Args
		}
	}
	for _, secret := range documents[corev1.Secret](t, rendered, "Secret") {
		for name, data := range secret.Data {
			if err := os.WriteFile(filepath.Join(installed.keys, name), data, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	account := &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: croft, Name: "croft-manage"}}
	request := &authenticationv1.TokenRequest{}
	if err := site.admin.SubResource("token").Create(t.Context(), account, request); err != nil {
		t.Fatal(err)
	}
	if err := site.cluster.WriteKubeconfig(installed.kubeconfig, &clientcmdapi.AuthInfo{Token: request.Status.Token}); err != nil {
		t.Fatal(err)
	}
	return installed
}

// stay makes an object that stays, unless an earlier test has.
func stay(t *testing.T, object client.Object) {
	t.Helper()
	if err := client.IgnoreAlreadyExists(site.admin.Create(t.Context(), object)); err != nil {
		t.Fatalf("make %s: %v", object.GetName(), err)
	}
}

// manage starts a process as the chart would, and waits until its webhooks are served.
func (c chart) manage(t *testing.T, webhooks string) managing {
	t.Helper()
	m := managing{health: free(t), metrics: free(t)}
	given := map[string]string{
		"--webhook-listen": webhooks, "--webhook-cert-dir": c.keys, "--health-listen": m.health, "--metrics-listen": m.metrics, "--relay-listen": relay.None,
		"--namespace": croft,
	}
	var arguments []string
	for _, argument := range c.arguments {
		name, _, _ := strings.Cut(argument, "=")
		if value, ok := given[name]; ok {
			argument = name + "=" + value
		}
		arguments = append(arguments, argument)
	}
	m.program = start(t, append(arguments, "--kubeconfig="+c.kubeconfig)...)
	eventually(t, "the webhooks are served", func() bool {
		response, err := http.Get("http://" + m.health + "/readyz")
		if err != nil {
			return false
		}
		response.Body.Close()
		return response.StatusCode == http.StatusOK
	})
	return m
}

// leader is who leads, "" when nobody does.
func leader(ctx context.Context) string {
	lease := &coordinationv1.Lease{ObjectMeta: metav1.ObjectMeta{Namespace: croft, Name: leaseName}}
	if site.admin.Get(ctx, client.ObjectKeyFromObject(lease), lease) != nil {
		return ""
	}
	return ptr.Deref(lease.Spec.HolderIdentity, "")
}

// cutFrom is a machine with one volume of its own, a copy of an image; "" for a blank one.
func cutFrom(image, name string) *kubevirt.VirtualMachine {
	m := vm(name, kubevirt.RunStrategyHalted)
	m.Spec.Template.Spec.Domain.CPU = &kubevirt.CPU{Cores: 1}
	m.Annotations = map[string]string{harvesterv1.AnnotationVolumeClaimTemplates: `[{"metadata":{"name":"` + name + `-root",` +
		`"annotations":{"harvesterhci.io/imageId":"` + image + `"}},` +
		`"spec":{"accessModes":["ReadWriteMany"],"resources":{"requests":{"storage":"1Gi"}}}}]`}
	return m
}

func blank(name string) *kubevirt.VirtualMachine { return cutFrom("", name) }

func claimOf(m *kubevirt.VirtualMachine) *corev1.PersistentVolumeClaim {
	return &corev1.PersistentVolumeClaim{ObjectMeta: metav1.ObjectMeta{Namespace: m.Namespace, Name: m.Name + "-root"}}
}

// TestManage runs the controllers and webhooks as they are shipped, with the chart's own rights and webhooks, beside the
// server: what one process cannot show alone.
func TestManage(t *testing.T) {
	webhooks := free(t)
	installed := install(t, webhooks)
	first := installed.manage(t, webhooks)
	eventually(t, "the first process leads", func() bool { return leader(t.Context()) != "" })

	t.Run("DisksGo", disksGo)
	t.Run("PoolGetsNoImage", poolGetsNoImage)
	t.Run("CredentialsMove", credentialsMove)
	t.Run("Metrics", func(t *testing.T) { metricsAreGuarded(t, first.metrics) })

	upkeep := blank("upkeep")
	create(t, upkeep)
	was := leader(t.Context())
	second := installed.manage(t, free(t))
	if now := leader(t.Context()); now != was {
		t.Errorf("one leads at a time: %s, then %s", was, now)
	}
	if err := first.stop(t); err != nil {
		t.Errorf("a stop is no failure: %v", err)
	}
	eventually(t, "the second process leads", func() bool {
		now := leader(t.Context())
		return now != "" && now != was
	})
	node := &corev1.Node{ObjectMeta: metav1.ObjectMeta{GenerateName: "new-"}}
	create(t, node)
	eventually(t, "the second process acts", func() bool { return read(t, node).Labels[harvesterv1.LabelManaged] != "" })
	t.Run("NobodyAnswers", func(t *testing.T) { nobodyAnswers(t, read(t, upkeep)) })
	t.Run("Killed", func(t *testing.T) { ledAgain(t, installed, second) })
	first.requireStructured(t)
	second.requireStructured(t)
}

// ledAgain kills a leader that has a name. Started again under that name, it leads without waiting for anybody.
func ledAgain(t *testing.T, installed chart, other managing) {
	const name = "croft-manage-0"
	t.Setenv("POD_NAME", name)
	third := installed.manage(t, free(t))
	if err := other.stop(t); err != nil {
		t.Errorf("a stop is no failure: %v", err)
	}
	eventually(t, "the process leads under its name", func() bool { return leader(t.Context()) == name })
	before := transitions(t)
	if err := third.command.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	<-third.ended
	installed.manage(t, free(t))
	node := &corev1.Node{ObjectMeta: metav1.ObjectMeta{GenerateName: "newer-"}}
	create(t, node)
	eventually(t, "the process acts again", func() bool { return read(t, node).Labels[harvesterv1.LabelManaged] != "" })
	if after := transitions(t); after != before || leader(t.Context()) != name {
		t.Errorf("nobody else led in between: %s leads, %d changes, before %d", leader(t.Context()), after, before)
	}
}

// transitions is how often the leader has changed.
func transitions(t *testing.T) int32 {
	t.Helper()
	lease := &coordinationv1.Lease{ObjectMeta: metav1.ObjectMeta{Namespace: croft, Name: leaseName}}
	return ptr.Deref(read(t, lease).Spec.LeaseTransitions, 0)
}

// disksGo deletes a machine with its volume, through the server, the webhooks and the controller.
func disksGo(t *testing.T) {
	m := blank("goes")
	create(t, m)
	claim := claimOf(m)
	eventually(t, "the volume is made", func() bool {
		return site.admin.Get(t.Context(), client.ObjectKeyFromObject(claim), claim) == nil
	})
	t.Cleanup(func() { remove(t, claim) })
	got := ask(t, owner, http.MethodDelete, machines+"goes?removedDisks=goes-root", "")
	if got.status != http.StatusForbidden || !strings.Contains(got.body.Message, "may not delete the volume") {
		t.Errorf("who may not delete the volume has it not deleted for him: %d %s", got.status, got.text)
	}
	if read(t, m); m.DeletionTimestamp != nil || m.Annotations[harvesterv1.AnnotationRemovedClaims] != "" {
		t.Errorf("nor does anything else happen: %v %v", m.DeletionTimestamp, m.Annotations)
	}
	if got := ask(t, admin, http.MethodDelete, machines+"goes?removedDisks=goes-root", ""); got.status >= http.StatusMultipleChoices {
		t.Fatalf("status %d: %s", got.status, got.text)
	}
	eventually(t, "the volume goes with the machine", func() bool {
		err := site.admin.Get(t.Context(), client.ObjectKeyFromObject(claim), claim)
		return apierrors.IsNotFound(err) || claim.DeletionTimestamp != nil
	})
	eventually(t, "the machine goes", func() bool {
		return apierrors.IsNotFound(site.admin.Get(t.Context(), client.ObjectKeyFromObject(m), m))
	})
}

// poolGetsNoImage has KubeVirt's controller make a machine of an image, as it does for whoever writes a pool.
func poolGetsNoImage(t *testing.T) {
	image := &harvesterv1.VirtualMachineImage{
		ObjectMeta: metav1.ObjectMeta{Namespace: "kube-system", Name: "secret"},
		Spec:       harvesterv1.VirtualMachineImageSpec{DisplayName: "secret", SourceType: "upload"},
	}
	create(t, image)
	err := site.kubevirt.Create(t.Context(), cutFrom("kube-system/secret", "pool-0"))
	if !apierrors.IsForbidden(err) || !strings.Contains(err.Error(), "may not read the image") {
		t.Errorf("a pool's author gets no copy of an image that he may not read: %v", err)
	}
	plain := blank("pool-1")
	if err := site.kubevirt.Create(t.Context(), plain); err != nil {
		t.Errorf("a pool's machine without an image is let in: %v", err)
	}
	t.Cleanup(func() { remove(t, plain) })
	if plain.Spec.Template.Spec.Domain.Resources.Limits.Memory().IsZero() {
		t.Error("and completed like any other")
	}
}

// nobodyAnswers changes a machine while its webhooks do not answer.
func nobodyAnswers(t *testing.T, m *kubevirt.VirtualMachine) {
	cases := map[string]struct {
		reason string
		by     client.Client
		change func(*kubevirt.VirtualMachine)
		want   bool
	}{
		"Person":   {"a person's change waits for the webhooks", site.admin, func(m *kubevirt.VirtualMachine) { m.Labels = map[string]string{"by": "person"} }, false},
		"Upkeep":   {"KubeVirt goes on", site.kubevirt, func(m *kubevirt.VirtualMachine) { m.Labels = map[string]string{"by": "kubevirt"} }, true},
		"Strategy": {"it switches machines", site.kubevirt, func(m *kubevirt.VirtualMachine) { m.Spec.RunStrategy = ptr.To(kubevirt.RunStrategyManual) }, true},
		"Hardware": {"but gives them no other hardware", site.kubevirt, func(m *kubevirt.VirtualMachine) {
			m.Spec.Template.Spec.Domain.Memory.Guest = ptr.To(resource.MustParse("128Mi"))
		}, false},
		"Templates": {"nor other volumes", site.kubevirt, func(m *kubevirt.VirtualMachine) {
			m.Annotations[harvesterv1.AnnotationVolumeClaimTemplates] = "[]"
		}, false},
		"Bare": {"nor none", site.kubevirt, func(m *kubevirt.VirtualMachine) { m.Annotations = nil }, false},
		"Going": {"nor takes them away", site.kubevirt, func(m *kubevirt.VirtualMachine) {
			m.Annotations[harvesterv1.AnnotationRemovedClaims] = "upkeep-root"
		}, false},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			changed := read(t, m).DeepCopy()
			tc.change(changed)
			err := tc.by.Patch(t.Context(), changed, client.MergeFrom(m))
			if (err == nil) != tc.want || err != nil && !strings.Contains(err.Error(), "failed calling webhook") {
				t.Errorf("%s: %v", tc.reason, err)
			}
		})
	}
}

// metricsAreGuarded asks for figures with a token and without.
func metricsAreGuarded(t *testing.T, address string) {
	transport := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}} // the process signs for itself
	defer transport.CloseIdleConnections()
	cases := map[string]struct {
		reason string
		user   string
		want   int
	}{
		"Nobody": {"who says nothing of himself gets nothing", "", http.StatusUnauthorized},
		"Viewer": {"nor who has no right", viewer, http.StatusForbidden},
		"Admin":  {"who may get /metrics gets them", admin, http.StatusOK},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://"+address+"/metrics", nil)
			if err != nil {
				t.Fatal(err)
			}
			if tc.user != "" {
				req.Header.Set("Authorization", "Bearer "+site.tokens[tc.user])
			}
			response, err := (&http.Client{Transport: transport}).Do(req)
			if err != nil {
				t.Fatal(err)
			}
			defer response.Body.Close()
			if response.StatusCode != tc.want {
				t.Errorf("%s: want %d, got %s", tc.reason, tc.want, response.Status)
			}
		})
	}
}
