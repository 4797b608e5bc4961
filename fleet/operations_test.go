package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/go-logr/logr"
	"github.com/google/go-cmp/cmp"
	admissionv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/rest"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/yaml"

	fleetv1 "crofthci.io/croft/pkg/apis/fleet/v1alpha1"
)

// fleetAccount is the account under which the chart runs the fleet.
const fleetAccount = "system:serviceaccount:croft-system:croft-fleet"

// as is a config that acts as somebody.
func as(config *rest.Config, user string, groups ...string) *rest.Config {
	config = rest.CopyConfig(config)
	config.Impersonate = rest.ImpersonationConfig{UserName: user, Groups: groups}
	return config
}

// operate makes the plane one with bulk work: the kind, its policy and the fleet's account with the chart's own rights.
func (p *plane) operate(t *testing.T) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "charts", "croft-fleet", "templates", "crd-bulkoperation.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	definition := &apiextensionsv1.CustomResourceDefinition{}
	policy, binding := &admissionv1.ValidatingAdmissionPolicy{}, &admissionv1.ValidatingAdmissionPolicyBinding{}
	charted := render(t, "croft-fleet", nil)
	for name, into := range map[string]client.Object{
		"ValidatingAdmissionPolicy bulkoperations.crofthci.io": policy, "ValidatingAdmissionPolicyBinding bulkoperations.crofthci.io": binding,
		"ClusterRole croft-fleet": &rbacv1.ClusterRole{}, "ClusterRoleBinding croft-fleet": &rbacv1.ClusterRoleBinding{},
		"Role croft-fleet": &rbacv1.Role{}, "RoleBinding croft-fleet": &rbacv1.RoleBinding{},
	} {
		if err := yaml.UnmarshalStrict([]byte(charted[name]), into); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if err := p.client.Create(t.Context(), into); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	if err := yaml.Unmarshal(text, definition); err != nil {
		t.Fatal(err)
	}
	p.create(t, definition)
	// A policy counts a moment after it was made.
	eventually(t, "the policy counts", func() bool {
		forged := operation("forged", "somebody")
		err := p.client.Create(t.Context(), forged, client.DryRunAll)
		return apierrors.IsForbidden(err)
	})
}

// operation is an operation that stops machines.
func operation(name, creator string, ids ...string) *fleetv1.BulkOperation {
	op := &fleetv1.BulkOperation{ObjectMeta: metav1.ObjectMeta{Name: name}}
	op.Spec = fleetv1.BulkOperationSpec{Creator: fleetv1.BulkCreator{Username: creator}, Type: "virtualmachine", Action: "stop"}
	op.Spec.Selector.IDs = ids
	op.Spec.Selector.All = len(ids) == 0
	return op
}

// send sends a body, and decodes the answer.
func (c caller) send(t *testing.T, method, path string, body, into any) int {
	t.Helper()
	text, err := json.Marshal(body)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, method, "http://hub"+path, bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	request.Header = c.headers()
	response, err := (&http.Transport{DialContext: c.dial, DisableKeepAlives: true}).RoundTrip(request)
	if err != nil {
		t.Fatalf("%s %s: %v", method, path, err)
	}
	defer response.Body.Close()
	text, err = io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, into); err != nil {
		t.Fatalf("%s %s answered %d %q: %v", method, path, response.StatusCode, text, err)
	}
	return response.StatusCode
}

// told is as much of an operation's answer as the tests look at.
type told struct {
	ID, Message, FieldName string
	Count                  int
	Actions                map[string]string
	Spec                   fleetv1.BulkOperationSpec
	Status                 fleetv1.BulkOperationStatus
}

const bulks = "/v1/croft/bulkoperations"

// comes waits until an operation is in a phase.
func comes(t *testing.T, who caller, id string, want fleetv1.BulkPhase) told {
	t.Helper()
	var op told
	eventually(t, fmt.Sprintf("%s is %s", id, want), func() bool {
		op = told{}
		return who.get(t, bulks+"/"+id, &op) == http.StatusOK && op.Status.Phase == want
	})
	return op
}

// states are the items' states by the name of the machine.
func (o told) states() map[string]fleetv1.BulkItemState {
	all := map[string]fleetv1.BulkItemState{}
	for _, item := range o.Status.Items {
		all[item.ID[strings.LastIndex(item.ID, "/")+1:]] = item.State
	}
	return all
}

// TestOperations goes through the life of bulk operations over a real API server with the chart's policy and rights.
func TestOperations(t *testing.T) {
	ctrl.SetLogger(logr.Discard())
	p := newPlane(t)
	p.define(t)
	p.create(t, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "croft-system"}}, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "one"}}, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: "two"}})
	p.operate(t)
	site := newDeedSite(t, p.config)
	p.rancher.set(near, site)
	t.Run("Policy", func(t *testing.T) { testPolicy(t, p) })

	for _, name := range []string{"a-1", "a-2", "a-3", "a-4", "off-1", "no-1", "no-2", "no-3", "cut-1", "old-1", "old-2"} {
		p.create(t, machine("one", name))
	}
	p.create(t, machine("two", "a-9"))
	p.create(t, allow("ann-sees", "one", "u-ann", seeMachines)...)
	p.create(t, allow("ann-knows", "", "u-ann", knowNear)...)
	admin := p.config
	p.config = as(admin, fleetAccount)
	p.create(t, cluster(near, "Near"))
	p.create(t, &corev1.Secret{
		ObjectMeta: metav1.ObjectMeta{Namespace: "croft-system", Name: "croft-aggregation"},
		Data:       map[string][]byte{"url": []byte(p.rancher.URL + "/v3/connect"), "token": []byte(tunnelToken)},
	})
	testInterrupted(t, p, site)
	p.start(t)
	eventually(t, "the tunnel is open", func() bool { return p.rancher.tunnels.HasSession("stv-croft") })
	ann := caller{p.rancher, "u-ann", []string{"team", "system:authenticated"}}
	bob := caller{p.rancher, "u-bob", []string{"system:authenticated"}}
	eventually(t, "the rows are there", func() bool {
		var a answer
		return ann.get(t, vms, &a) == 200 && a.Count == 11
	})
	t.Run("Interrupted", func(t *testing.T) { testSettled(t, ann, site) })
	t.Run("Live", func(t *testing.T) { testLive(t, ann, bob) })
	t.Run("DryRunThenRun", func(t *testing.T) { testDryRun(t, ann, bob, site) })
	t.Run("Failures", func(t *testing.T) { testFailures(t, ann, site) })
	t.Run("Cancel", func(t *testing.T) { testCancel(t, ann, site) })
	t.Run("Refusals", func(t *testing.T) { testRefusals(t, ann, bob) })
	for name, times := range site.done() {
		if times != 1 {
			t.Errorf("%s was told %d times", name, times)
		}
	}
}

// testInterrupted leaves behind what a hub leaves that was killed after it wrote down what it sends, and before it heard.
func testInterrupted(t *testing.T, p *plane, site *deedSite) {
	t.Helper()
	fleet, err := client.New(p.config, client.Options{Scheme: p.client.Scheme()})
	if err != nil {
		t.Fatal(err)
	}
	op := operation("interrupted", "u-ann", near+"/one/old-1", near+"/one/old-2")
	op.Spec.Mode, op.Spec.Failures = fleetv1.BulkRun, fleetv1.BulkFailures{}
	if err := fleet.Create(t.Context(), op); err != nil {
		t.Fatal(err)
	}
	sent := metav1.NewTime(time.Now().Add(-10 * time.Minute))
	op.Status = fleetv1.BulkOperationStatus{Phase: fleetv1.BulkRunning, ResolvedTime: &sent}
	for _, name := range []string{"old-1", "old-2"} {
		op.Status.Items = append(op.Status.Items, fleetv1.BulkItem{
			ID: near + "/one/" + name, State: fleetv1.BulkItemSent, Check: fleetv1.BulkCheckAllowed, UID: "uid-one/" + name, ResourceVersion: "100", SentTime: &sent,
		})
	}
	if err := fleet.Status().Update(t.Context(), op); err != nil {
		t.Fatal(err)
	}
	// The first was done, the second not.
	site.deeds["one/old-1"], site.stopped["one/old-1"] = 1, true
}

func testSettled(t *testing.T, ann caller, site *deedSite) {
	op := comes(t, ann, "interrupted", fleetv1.BulkCompleted)
	want := map[string]fleetv1.BulkItemState{"old-1": fleetv1.BulkItemSucceeded, "old-2": fleetv1.BulkItemUnknown}
	if diff := cmp.Diff(want, op.states()); diff != "" {
		t.Errorf("after a restart it is looked what became of each: (-want +got)\n%s", diff)
	}
	for _, item := range op.Status.Items {
		if item.Message == "" {
			t.Errorf("%s has no sentence", item.ID)
		}
	}
	if diff := cmp.Diff(map[string]int{"one/old-1": 1}, site.done()); diff != "" {
		t.Errorf("what was on its way is not sent again: (-want +got)\n%s", diff)
	}
}

func testDryRun(t *testing.T, ann, bob caller, site *deedSite) {
	before := site.done()
	order := map[string]any{"spec": map[string]any{
		"creator": map[string]any{"username": "admin", "groups": []string{"system:masters"}},
		"type":    "virtualmachine", "action": "stop", "waveSize": 2,
		"selector": map[string]any{"filter": []string{"name~a-,name~off-,name~cut-"}},
	}}
	var made told
	if status := ann.send(t, "POST", bulks, order, &made); status != http.StatusCreated {
		t.Fatalf("made: %d %+v", status, made)
	}
	if diff := cmp.Diff(fleetv1.BulkCreator{Username: "u-ann", Groups: []string{"team", "system:authenticated"}}, made.Spec.Creator); diff != "" {
		t.Errorf("the hub says who the creator is: (-want +got)\n%s", diff)
	}
	op := comes(t, ann, made.ID, fleetv1.BulkChecked)
	if op.Status.Counts.Total != 6 || op.Status.Counts.Allowed != 5 {
		t.Errorf("a dry run finds %+v, want 5 of 6", op.Status)
	}
	for _, item := range op.Status.Items {
		if refused := item.Message == "The machine is stopped already."; refused != strings.Contains(item.ID, "off-") {
			t.Errorf("%s: the site's reason is %q", item.ID, item.Message)
		}
	}
	if diff := cmp.Diff(before, site.done()); diff != "" {
		t.Errorf("a dry run does nothing: (-want +got)\n%s", diff)
	}
	var not answer
	if status := bob.get(t, bulks+"/"+made.ID, &not); status != http.StatusNotFound {
		t.Errorf("another's operation: %d %+v", status, not)
	}
	var other told
	if status := ann.send(t, "POST", bulks+"/"+made.ID+"?action=run", map[string]any{}, &other); status != http.StatusOK {
		t.Fatalf("run: %d %+v", status, other)
	}
	op = comes(t, ann, made.ID, fleetv1.BulkCompleted)
	want := map[string]fleetv1.BulkItemState{"off-1": fleetv1.BulkItemSkipped}
	for _, name := range []string{"a-1", "a-2", "a-3", "a-4", "cut-1"} {
		want[name] = fleetv1.BulkItemSucceeded
	}
	if diff := cmp.Diff(want, op.states()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if site.most > 2 || site.users["one/a-1"] != "u-ann of team,system:authenticated" {
		t.Errorf("%d at the same time, as %q; want two, as the creator", site.most, site.users["one/a-1"])
	}
}

func testFailures(t *testing.T, ann caller, site *deedSite) {
	order := map[string]any{"spec": map[string]any{
		"type": "virtualmachine", "action": "stop", "mode": "Run", "waveSize": 1,
		"selector": map[string]any{"filter": []string{"name~no-"}}, "failures": map[string]any{"max": 1},
	}}
	var made told
	if status := ann.send(t, "POST", bulks, order, &made); status != http.StatusCreated {
		t.Fatalf("made: %d %+v", status, made)
	}
	op := comes(t, ann, made.ID, fleetv1.BulkPaused)
	want := map[string]fleetv1.BulkItemState{"no-1": fleetv1.BulkItemFailed, "no-2": fleetv1.BulkItemFailed, "no-3": fleetv1.BulkItemPending}
	if diff := cmp.Diff(want, op.states()); diff != "" {
		t.Errorf("the second failure is one too many: (-want +got)\n%s", diff)
	}
	if got := op.Status.Items[0].Message; got != "The machine one/no-1 cannot be stopped: somebody holds it." {
		t.Errorf("the site's own sentence is %q", got)
	}
	if site.done()["one/no-3"] != 0 {
		t.Error("a paused operation goes on")
	}
	var more told
	if status := ann.send(t, "POST", bulks+"/"+made.ID+"?action=run", map[string]any{"failures": map[string]any{"max": "100%"}}, &more); status != http.StatusOK {
		t.Fatalf("run: %d %+v", status, more)
	}
	if op = comes(t, ann, made.ID, fleetv1.BulkCompleted); op.Status.Counts.Failed != 3 {
		t.Errorf("after more were allowed: %+v", op.Status.Counts)
	}
}

// testCancel pauses an operation while an item of it is under way at the site: that one has its end, and no other begins.
// Then it cancels it.
func testCancel(t *testing.T, ann caller, site *deedSite) {
	site.lock.Lock()
	site.hold = make(chan struct{})
	for _, name := range []string{"one/a-1", "one/a-2"} {
		delete(site.stopped, name)
		delete(site.deeds, name)
	}
	site.lock.Unlock()
	order := map[string]any{"spec": map[string]any{
		"type": "virtualmachine", "action": "stop", "mode": "Run", "waveSize": 1,
		"selector": map[string]any{"ids": []string{near + "/one/a-1", near + "/one/a-2", near + "/two/a-9"}},
	}}
	var made, paused, ended told
	if status := ann.send(t, "POST", bulks, order, &made); status != http.StatusCreated {
		t.Fatalf("made: %d %+v", status, made)
	}
	eventually(t, "the first is under way", func() bool { return site.done()["one/a-1"] == 1 })
	if status := ann.send(t, "POST", bulks+"/"+made.ID+"?action=pause", map[string]any{}, &paused); status != http.StatusOK {
		t.Fatalf("pause: %d %+v", status, paused)
	}
	close(site.hold)
	comes(t, ann, made.ID, fleetv1.BulkPaused)
	if status := ann.send(t, "POST", bulks+"/"+made.ID+"?action=cancel", map[string]any{}, &ended); status != http.StatusOK {
		t.Fatalf("cancel: %d %+v", status, ended)
	}
	op := comes(t, ann, made.ID, fleetv1.BulkCancelled)
	want := map[string]fleetv1.BulkItemState{"a-1": fleetv1.BulkItemSucceeded, "a-2": fleetv1.BulkItemPending, "a-9": fleetv1.BulkItemSkipped}
	if diff := cmp.Diff(want, op.states()); diff != "" {
		t.Errorf("what is under way has its end, and a machine that she may not see is not hers to stop: (-want +got)\n%s", diff)
	}
	var not answer
	if status := ann.send(t, "POST", bulks+"/"+made.ID+"?action=run", map[string]any{}, &not); status != http.StatusConflict || not.Message == "" {
		t.Errorf("run after all: %d %+v", status, not)
	}
}

func testRefusals(t *testing.T, ann, bob caller) {
	spec := func(kind, action string, selector map[string]any) map[string]any {
		return map[string]any{"spec": map[string]any{"type": kind, "action": action, "selector": selector}}
	}
	all := map[string]any{"all": true}
	cases := map[string]struct {
		reason, says string
		order        any
		status       int
	}{
		"Type":     {"a type that is none", `type "unicorn"`, spec("unicorn", "stop", all), 422},
		"Filter":   {"a column that is none", "colour", spec("virtualmachine", "stop", map[string]any{"filter": []string{"colour=red"}}), 422},
		"Action":   {"an action that can be none", "spec.action", spec("virtualmachine", "stop?x", all), 422},
		"Nothing":  {"nobody means all by leaving things out", "selector needs", spec("virtualmachine", "stop", map[string]any{}), 422},
		"Both":     {"ids and a filter", "selector needs", spec("virtualmachine", "stop", map[string]any{"ids": []string{"a/b/c"}, "search": "x"}), 422},
		"Misspelt": {"a bound that nobody reads is none", "failurse", map[string]any{"spec": map[string]any{"failurse": 1}}, 422},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			var a answer
			if status := ann.send(t, "POST", bulks, tc.order, &a); status != tc.status || !strings.Contains(a.Message, tc.says) {
				t.Errorf("%s: %d %q, want %d and %q", tc.reason, status, a.Message, tc.status, tc.says)
			}
		})
	}
	var none told
	if status := bob.send(t, "POST", bulks, spec("virtualmachine", "stop", all), &none); status != http.StatusCreated {
		t.Fatalf("made: %d %+v", status, none)
	}
	if op := comes(t, bob, none.ID, fleetv1.BulkChecked); op.Status.Counts.Total != 0 {
		t.Errorf("who sees nothing finds %+v", op.Status.Items)
	}
	var list told
	if status := bob.get(t, bulks, &list); status != 200 || list.Count != 1 {
		t.Errorf("the list of those that are his: %d %+v", status, list)
	}
}
