package driver

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rancher/machine/libmachine/drivers"
	rbacv1 "k8s.io/api/rbac/v1"
	"sigs.k8s.io/yaml"
)

var update = flag.Bool("update", false, "write the README's tables")

// Marks around what is written into the README.
const (
	tableBegins = "<!-- flags begin: go test ./fleet/driver -run TestTable -update -->\n"
	tableEnds   = "<!-- flags end -->\n"
)

// table is the README's table of flags and that of rights.
func table() string {
	var text strings.Builder
	group := ""
	for _, d := range declarations(&Flags{}) {
		if d.Group != group {
			group = d.Group
			fmt.Fprintf(&text, "\n### %s\n\n| flag | variable | field | default | what it is |\n|---|---|---|---|---|\n", group)
		}
		value := d.Default
		if value != "" {
			value = "`" + value + "`"
		}
		usage := strings.ReplaceAll(d.Usage, "|", `\|`)
		fmt.Fprintf(&text, "| `--%s` | `%s` | `%s` | %s | %s |\n", d.flag(), d.variable(), d.field(), value, usage)
	}
	text.WriteString("\n### Rights\n\n| group | what | verbs |\n|---|---|---|\n")
	for _, rule := range Rights {
		fmt.Fprintf(&text, "| `%s` | %s | %s |\n", rule.APIGroups[0], strings.Join(rule.Resources, ", "), strings.Join(rule.Verbs, ", "))
	}
	text.WriteString("\n")
	return text.String()
}

func TestTable(t *testing.T) {
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	before, rest, found := strings.Cut(string(readme), tableBegins)
	written, after, ended := strings.Cut(rest, tableEnds)
	if !found || !ended {
		t.Fatal("README.md has no place for the tables")
	}
	if *update {
		if err := os.WriteFile("README.md", []byte(before+tableBegins+table()+tableEnds+after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if diff := cmp.Diff(table(), written); diff != "" {
		t.Errorf("README.md does not say what flags there are; -update writes it (-want +got):\n%s", diff)
	}
}

// TestUserDataFlag holds which flag rancher-machine fills: the first whose name says user data.
func TestUserDataFlag(t *testing.T) {
	if got := drivers.DriverUserdataFlag(New()); got != "croft-user-data-file" {
		t.Errorf("rancher-machine would fill %s", got)
	}
	if got := drivers.DriverOSFlag(New()); got != "croft-guest-os" {
		t.Errorf("rancher-machine would take %s for the guest's system", got)
	}
}

// TestChart holds that the site's chart has a role with the driver's rights, no more and no fewer.
func TestChart(t *testing.T) {
	chart, err := os.ReadFile("../../backend/testdata/chart.golden.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for document := range strings.SplitSeq(string(chart), "\n---\n") {
		role := &rbacv1.ClusterRole{}
		if err := yaml.Unmarshal([]byte(document), role); err != nil || role.Kind != "ClusterRole" || role.Name != "harvesterhci.io:node-driver" {
			continue
		}
		if diff := cmp.Diff(Rights, role.Rules); diff != "" {
			t.Errorf("-driver +chart:\n%s", diff)
		}
		return
	}
	t.Error("the chart has no role harvesterhci.io:node-driver")
}

// TestNamesOfFields holds that no field of a machine's configuration is called as Rancher's page calls what every object has:
// it takes such a field for its own, and an object that has one cannot even be read.
func TestNamesOfFields(t *testing.T) {
	taken := map[string]bool{
		"id": true, "type": true, "links": true, "actions": true, "metadata": true, "spec": true, "status": true,
		"state": true, "name": true, "description": true, "labels": true, "annotations": true,
	}
	for _, d := range declarations(&Flags{}) {
		if taken[d.field()] {
			t.Errorf("--%s would be the field %s", d.flag(), d.field())
		}
	}
}
