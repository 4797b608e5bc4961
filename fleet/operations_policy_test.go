package main

import (
	"strings"
	"testing"

	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/client-go/rest"
	"sigs.k8s.io/controller-runtime/pkg/client"

	fleetv1 "crofthci.io/croft/pkg/apis/fleet/v1alpha1"
)

// testPolicy holds that nobody has an operation act as somebody else, whatever rights the hub gives him to the kind.
func testPolicy(t *testing.T, p *plane) {
	everything := rbacv1.PolicyRule{Verbs: []string{"*"}, APIGroups: []string{"crofthci.io"}, Resources: []string{"*"}}
	p.create(t, allow("eve-writes", "", "u-eve", everything)...)
	p.create(t, allow("ann-writes", "", "u-ann", everything)...)
	config := as(p.config, "u-eve", "team")
	config.Impersonate.Extra = map[string][]string{"username": {"eve"}}
	eve, ann, fleet := p.as(t, config), p.as(t, as(p.config, "u-ann")), p.as(t, as(p.config, fleetAccount))
	eventually(t, "their rights count", func() bool {
		return eve.List(t.Context(), &fleetv1.BulkOperationList{}) == nil && ann.List(t.Context(), &fleetv1.BulkOperationList{}) == nil
	})
	t.Run("Create", func(t *testing.T) { testPolicyCreate(t, eve) })
	op := operation("policy", "u-ann")
	if err := ann.Create(t.Context(), op); err != nil {
		t.Fatal(err)
	}
	if op.Spec.Mode != fleetv1.BulkDryRun || op.Spec.WaveSize != 10 || op.Spec.Failures.Then != fleetv1.BulkExcessPause || op.Spec.Failures.Max.IntValue() != 0 {
		t.Errorf("what is not said is %+v", op.Spec)
	}
	t.Run("Update", func(t *testing.T) { testPolicyUpdate(t, eve, ann) })
	for name, who := range map[string]client.Client{"another": eve, "the creator": ann} {
		forged := &fleetv1.BulkOperation{}
		if err := who.Get(t.Context(), client.ObjectKeyFromObject(op), forged); err != nil {
			t.Fatal(err)
		}
		forged.Status.Items = []fleetv1.BulkItem{{ID: "a/b/c", State: fleetv1.BulkItemPending}}
		if err := who.Status().Update(t.Context(), forged); !apierrors.IsForbidden(err) {
			t.Errorf("%s writes what is to be done into the status: %v", name, err)
		}
	}
	if err := fleet.Delete(t.Context(), op); err != nil {
		t.Errorf("the fleet cannot delete: %v", err)
	}
}

func (p *plane) as(t *testing.T, config *rest.Config) client.Client {
	t.Helper()
	who, err := client.New(config, client.Options{Scheme: p.client.Scheme()})
	if err != nil {
		t.Fatal(err)
	}
	return who
}

func testPolicyCreate(t *testing.T, eve client.Client) {
	cases := map[string]struct {
		reason  string
		creator fleetv1.BulkCreator
		says    string
	}{
		"Self":        {"everybody is himself", fleetv1.BulkCreator{Username: "u-eve"}, ""},
		"Other":       {"and nobody else", fleetv1.BulkCreator{Username: "admin"}, "which is u-eve, and not admin"},
		"OwnGroup":    {"a group that one is in", fleetv1.BulkCreator{Username: "u-eve", Groups: []string{"team", "system:authenticated"}}, ""},
		"OtherGroup":  {"one that one is not in", fleetv1.BulkCreator{Username: "u-eve", Groups: []string{"team", "system:masters"}}, "spec.creator.groups"},
		"OwnExtra":    {"what the login says", fleetv1.BulkCreator{Username: "u-eve", Extra: map[string]fleetv1.BulkExtra{"username": {"eve"}}}, ""},
		"OtherExtra":  {"another value of it", fleetv1.BulkCreator{Username: "u-eve", Extra: map[string]fleetv1.BulkExtra{"username": {"ann"}}}, "spec.creator.extra"},
		"NovelExtra":  {"another key", fleetv1.BulkCreator{Username: "u-eve", Extra: map[string]fleetv1.BulkExtra{"scopes": {"all"}}}, "spec.creator.extra"},
		"FleetItself": {"the hub's own account is nobody's", fleetv1.BulkCreator{Username: fleetAccount}, "and not " + fleetAccount},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			op := operation("policy-"+strings.ToLower(name), "")
			op.Spec.Creator = tc.creator
			err := eve.Create(t.Context(), op, client.DryRunAll)
			if tc.says == "" && err != nil || tc.says != "" && (!apierrors.IsForbidden(err) || !strings.Contains(err.Error(), tc.says)) {
				t.Errorf("%s: want %q, got %v", tc.reason, tc.says, err)
			}
		})
	}
}

func testPolicyUpdate(t *testing.T, eve, ann client.Client) {
	cases := []struct {
		reason string
		who    client.Client
		change func(spec *fleetv1.BulkOperationSpec)
		says   string
	}{
		{"it is the creator's to run", eve, func(s *fleetv1.BulkOperationSpec) { s.Mode = fleetv1.BulkRun }, "spec.mode"},
		{"and to have run longer", eve, func(s *fleetv1.BulkOperationSpec) { s.Failures.Then = fleetv1.BulkExcessFail }, "spec.failures"},
		{"nobody takes it over", eve, func(s *fleetv1.BulkOperationSpec) { s.Creator.Username = "u-eve" }, "creator cannot be changed"},
		{"nor the creator gives it away", ann, func(s *fleetv1.BulkOperationSpec) { s.Creator.Groups = []string{"system:masters"} }, "creator cannot be changed"},
		{"what was looked at is what is done", ann, func(s *fleetv1.BulkOperationSpec) { s.Action = "start" }, "action cannot be changed"},
		{"and to what", ann, func(s *fleetv1.BulkOperationSpec) { s.Selector.All, s.Selector.Search = false, "x" }, "selector cannot be changed"},
		{"the creator runs it", ann, func(s *fleetv1.BulkOperationSpec) { s.Mode = fleetv1.BulkRun }, ""},
		{"what has begun is no dry run", ann, func(s *fleetv1.BulkOperationSpec) { s.Mode = fleetv1.BulkDryRun }, "cannot go back to DryRun"},
		{"others may stop it", eve, func(s *fleetv1.BulkOperationSpec) { s.Mode = fleetv1.BulkPause }, ""},
		{"and not begin it again", eve, func(s *fleetv1.BulkOperationSpec) { s.Mode = fleetv1.BulkRun }, "spec.mode"},
		{"others may end it", eve, func(s *fleetv1.BulkOperationSpec) { s.Mode = fleetv1.BulkCancel }, ""},
		{"an end is an end", ann, func(s *fleetv1.BulkOperationSpec) { s.Mode = fleetv1.BulkRun }, "was cancelled"},
	}
	for _, tc := range cases {
		op := &fleetv1.BulkOperation{}
		if err := ann.Get(t.Context(), client.ObjectKey{Name: "policy"}, op); err != nil {
			t.Fatal(err)
		}
		tc.change(&op.Spec)
		err := tc.who.Update(t.Context(), op)
		if tc.says == "" && err != nil || tc.says != "" && (err == nil || !strings.Contains(err.Error(), tc.says)) {
			t.Errorf("%s: want %q, got %v", tc.reason, tc.says, err)
		}
	}
}
