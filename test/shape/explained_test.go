package shape

import (
	"regexp"
	"strings"
	"testing"

	apiextensionsv1 "k8s.io/apiextensions-apiserver/pkg/apis/apiextensions/v1"
)

// The forms in which a description says when its field may change. A field that does not say it is as the nearest that
// it is in.
var (
	stays   = regexp.MustCompile(`(?i)\b(it stays as it was|they stay as they were) made\b`)
	changes = regexp.MustCompile(`(?i)\b(it|they) may change\b`)
	written = regexp.MustCompile(`(?i)\bwritten by the (server|hub)\b`)
)

// unit is a word that says what a number counts or measures.
var unit = regexp.MustCompile(`\b(bytes|percent|number|how many|counts|generation)\b`)

// held are the kinds whose fields stay as they were made by a webhook instead of a rule in the schema, and why.
var held = map[string]string{
	"VirtualMachineTemplateVersion": "what is only written in another way is the same version: see unchanged in backend/template/admission",
}

// explanation is what a description must say of a field; "" means that it does.
type explanation func(kindField) string

// TestEveryFieldIsExplained holds that `kubectl explain` says of every field of every kind that Croft defines what it is,
// in which unit, by which default, and when it may change; and that what stays as it was made really does.
func TestEveryFieldIsExplained(t *testing.T) {
	for _, field := range kindFields(t) {
		for _, missing := range []explanation{purpose, change, constancy, preset, measure} {
			if sentence := missing(field); sentence != "" {
				t.Errorf("%s %s:\n\t%s", field.path, sentence, field.own().Description)
			}
		}
	}
}

func purpose(f kindField) string {
	if strings.TrimSpace(f.own().Description) == "" {
		return "has no description"
	}
	return ""
}

// when is the description that says when a field may change, "" when none does.
func when(f kindField) string {
	for i := range f.steps {
		said := plain(f.steps[len(f.steps)-1-i].schema)
		if stays.MatchString(said) || changes.MatchString(said) || written.MatchString(said) {
			return said
		}
	}
	return ""
}

func change(f kindField) string {
	if f.leaf() && when(f) == "" {
		return "does not say when it may change, nor does what it is in"
	}
	return ""
}

// constancy is that a rule compares the field, or one that it is in, with what it was.
func constancy(f kindField) string {
	if !f.leaf() || !stays.MatchString(when(f)) || held[f.steps[0].name] != "" {
		return ""
	}
	for i, at := range f.steps {
		for _, rule := range at.schema.XValidations {
			same := strings.Contains(rule.Rule, "self == oldSelf")
			if same || i+1 < len(f.steps) && strings.Contains(rule.Rule, "oldSelf."+f.steps[i+1].name) {
				return ""
			}
		}
	}
	return "stays as it was made, says its description, and no rule of the schema holds it"
}

// preset is that what nobody has to write is said to have a default, and the one that the API server writes.
func preset(f kindField) string {
	if !f.leaf() || !f.optional || written.MatchString(when(f)) {
		return ""
	}
	said := strings.ToLower(plain(f.own()))
	if !strings.Contains(said, "default") {
		return "is optional and does not say its default"
	}
	if f.own().Default == nil {
		return ""
	}
	wanted := "default " + strings.ToLower(strings.Trim(string(f.own().Default.Raw), `"`))
	if !strings.Contains(said, wanted) {
		return "does not say " + wanted
	}
	return ""
}

func measure(f kindField) string {
	if !f.leaf() || f.own().Type != "integer" {
		return ""
	}
	if !unit.MatchString(plain(f.own())) {
		return "does not say what the number counts, or its unit"
	}
	return ""
}

// plain is a description on one line.
func plain(schema apiextensionsv1.JSONSchemaProps) string {
	return strings.Join(strings.Fields(schema.Description), " ")
}
