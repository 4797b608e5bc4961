package main

import (
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	rbacv1 "k8s.io/api/rbac/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"crofthci.io/croft/backend/capability"
)

// sheet is a kind with the states that its objects can be in: one page of who may do what, and when.
type sheet struct {
	// file is the name of the page, and noun what it calls an object of the kind, with its article.
	file, noun string
	// at is where objects of the kind are asked for.
	at string
	// actions are the verbs, and links what can be asked of an object besides.
	actions []capability.Action
	links   []string
	// subject is what the actions of an object look at.
	subject func(t *testing.T, name string) any
	// prepare makes what the states need, nil for nothing.
	prepare func(t *testing.T)
	// stances are the states, in the order of a life.
	stances []stance
	// asked are the links of a state that are asked for although they are offered: what is in the way is said only then.
	asked map[string][]string
}

// stance is a state of an object of a name, written as those would who bring objects into it.
type stance struct {
	name string
	take func(t *testing.T, name string)
}

// cdiRoles are what CDI adds to Kubernetes' roles for people: its operator, which would make them, does not run here.
var cdiRoles = []rbacv1.ClusterRole{
	{ObjectMeta: metav1.ObjectMeta{Name: "cdi.kubevirt.io:edit"}, Rules: []rbacv1.PolicyRule{
		{APIGroups: []string{"cdi.kubevirt.io"}, Resources: []string{"datavolumes", "datavolumes/source"}, Verbs: []string{"*"}},
		{APIGroups: []string{"upload.cdi.kubevirt.io"}, Resources: []string{"uploadtokenrequests"}, Verbs: []string{"*"}},
	}},
	{ObjectMeta: metav1.ObjectMeta{Name: "cdi.kubevirt.io:view"}, Rules: []rbacv1.PolicyRule{
		{APIGroups: []string{"cdi.kubevirt.io"}, Resources: []string{"datavolumes"}, Verbs: []string{"get", "list", "watch"}},
	}},
}

// enlist makes the chart's roles for people, and gives the stranger the right to edit in another namespace.
func enlist(t *testing.T) {
	t.Helper()
	for _, role := range documents[rbacv1.ClusterRole](t, render(t, nil), "ClusterRole") {
		if strings.HasPrefix(role.Name, "harvesterhci.io:") {
			stay(t, &role)
		}
	}
	for _, role := range cdiRoles {
		stay(t, &role)
	}
	for _, role := range rights[editor] {
		stay(t, &rbacv1.RoleBinding{
			ObjectMeta: metav1.ObjectMeta{Namespace: metav1.NamespacePublic, Name: stranger + "-" + strings.ReplaceAll(role, ":", "-")},
			RoleRef:    rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: role},
			Subjects:   subject(stranger),
		})
	}
	of := strings.TrimSuffix(images, home+"/")
	for user, namespace := range map[string]string{editor: home, reader: home, stranger: metav1.NamespacePublic} {
		eventually(t, "the backend knows the rights of "+user, func() bool {
			return ask(t, user, http.MethodGet, of+namespace, "").status == http.StatusOK
		})
	}
}

// TestMatrix asks for every action of an object in every state as every kind of user, and compares the answers with the
// tables that people read. What is offered is not done here: each action's own test does it.
func TestMatrix(t *testing.T) {
	enlist(t)
	for _, s := range []sheet{machineSheet, imageSheet, volumeSheet, versionSheet, nodeSheet} {
		t.Run(s.file, s.test)
	}
}

func (s sheet) test(t *testing.T) {
	if s.prepare != nil {
		s.prepare(t)
	}
	users := []string{admin, editor, reader, stranger}
	cells := map[string]string{}
	for _, state := range s.stances {
		t.Run(state.name, func(t *testing.T) {
			name := "is-" + strings.NewReplacer(" ", "-", "'", "").Replace(state.name)
			state.take(t, name)
			want := s.reasons(t, name)
			eventually(t, "the backend has heard of all", func() bool {
				return maps.Equal(want, ask(t, admin, http.MethodGet, s.at+name, "").body.Unavailable)
			})
			if t.Failed() {
				t.Logf("want %v, got %v", want, ask(t, admin, http.MethodGet, s.at+name, "").text)
			}
			whole := ask(t, admin, http.MethodGet, s.at+name, "").text
			for _, user := range users {
				s.answers(t, user, name, whole, s.asked[state.name], func(what, answer string) { cells[user+" "+what+" "+state.name] = answer })
			}
		})
	}
	golden(t, s.file, s.page(users, cells))
}

// reasons are what the rules say of an object: why not, for each action that cannot be done.
func (s sheet) reasons(t *testing.T, name string) map[string]string {
	t.Helper()
	reasons := map[string]string{}
	if len(s.actions) == 0 {
		return reasons
	}
	subject := s.subject(t, name)
	for _, action := range s.actions {
		if sentence := action.Unless(subject); sentence != "" {
			reasons[action.Name] = sentence
		}
	}
	return reasons
}

// answers tells what a user is answered for each action and each link of an object, of which the whole row is known.
func (s sheet) answers(t *testing.T, user, name, whole string, asked []string, tell func(what, answer string)) {
	t.Helper()
	row := ask(t, user, http.MethodGet, s.at+name, "")
	for _, action := range s.actions {
		if row.body.Actions[action.Name] != "" {
			tell(action.Name, "yes")
			continue
		}
		got := ask(t, user, http.MethodPost, s.at+name+"?action="+action.Name, "")
		requireRefused(t, action.Name+" "+name+" as "+user, got)
		tell(action.Name, fmt.Sprint(got.status))
	}
	for _, link := range s.links {
		if row.body.Links[link] != "" && !slices.Contains(asked, link) {
			tell(link, "yes")
			continue
		}
		got := s.follow(t, user, name, link, whole)
		if got.status < http.StatusMultipleChoices && row.body.Links[link] != "" {
			tell(link, "yes")
			continue
		}
		requireRefused(t, link+" "+name+" as "+user, got)
		tell(link, fmt.Sprint(got.status))
	}
}

// follow asks for a link of an object: update and remove are Steve's own.
func (s sheet) follow(t *testing.T, user, name, link, row string) answer {
	t.Helper()
	switch link {
	case "update":
		return ask(t, user, http.MethodPut, s.at+name, row)
	case "remove":
		return ask(t, user, http.MethodDelete, s.at+name, "")
	default:
		return ask(t, user, http.MethodGet, s.at+name+"/"+link, "")
	}
}

// requireRefused holds that what is not offered is refused as such, and with a reason.
func requireRefused(t *testing.T, what string, got answer) {
	t.Helper()
	switch got.status {
	case http.StatusForbidden, http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusConflict:
	default:
		t.Errorf("%s is not offered, and is answered with %d: %s", what, got.status, got.text)
	}
	if got.body.Message == "" {
		t.Errorf("%s: %d without a reason", what, got.status)
	}
}

// page is a text with a table of actions and states for each user.
func (s sheet) page(users []string, cells map[string]string) string {
	meaning := map[string]string{
		admin: "may do everything", editor: "has Kubernetes' role edit in the namespace",
		reader: "has Kubernetes' role view in the namespace", stranger: "has rights in another namespace alone",
	}
	var page strings.Builder
	fmt.Fprintf(&page, "# Who may do what to %s, and when\n\nWritten by TestMatrix. `yes` is offered, 409 cannot be done in this "+
		"state, 403 needs a right that the user has not, 404 is not shown to the user at all.\n", s.noun)
	for _, user := range users {
		fmt.Fprintf(&page, "\n## %s: %s\n\n| Action |", user, meaning[user])
		for _, state := range s.stances {
			fmt.Fprintf(&page, " %s |", state.name)
		}
		page.WriteString("\n|---|" + strings.Repeat("---|", len(s.stances)) + "\n")
		for _, what := range s.rows() {
			fmt.Fprintf(&page, "| `%s` |", what)
			for _, state := range s.stances {
				fmt.Fprintf(&page, " %s |", cells[user+" "+what+" "+state.name])
			}
			page.WriteString("\n")
		}
	}
	return page.String()
}

// rows are the names of all that can be done.
func (s sheet) rows() []string {
	var names []string
	for _, action := range s.actions {
		names = append(names, action.Name)
	}
	return append(names, s.links...)
}

// golden compares a text with the file that people read, and writes that anew when it is told to.
func golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join(here(), "testdata", name)
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got)\n%s", name, diff)
	}
}
