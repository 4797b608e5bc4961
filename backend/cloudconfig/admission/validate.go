package admission

import (
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/validation/field"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/webhook"
	"sigs.k8s.io/yaml"

	"crofthci.io/croft/pkg/admission"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
)

// Path is where the webhook is served. It is asked about ConfigMaps with the label alone.
const Path = "/validate/configmaps"

// The kinds of templates, which are values of the label.
const (
	kindUser    = "user"
	kindNetwork = "network"
)

// dataKey is the key that clients read a template from, and header is how user data begins that are settings.
const (
	dataKey = "cloudInit"
	header  = "#cloud-config"
)

// otherHeads are how all other user data begin that cloud-init takes: it tells by the first line what the rest is.
// See https://docs.cloud-init.io/en/latest/explanation/format.html
var otherHeads = []string{
	"#!", "#cloud-config-archive", "#cloud-boothook", "#include", "#include-once", "#part-handler", "## template: jinja",
	"Content-Type: multipart/", "MIME-Version:",
}

type request = admission.Request[*corev1.ConfigMap]

// SetUp adds the webhook to the manager.
func SetUp(manager ctrl.Manager) error {
	manager.GetWebhookServer().Register(Path, &webhook.Admission{
		Handler: admission.Validator[corev1.ConfigMap, *corev1.ConfigMap]{
			Fields: []admission.FieldCheck[*corev1.ConfigMap]{kindKnown, readable},
		},
	})
	return nil
}

// kindKnown refuses a template that no client would list.
func kindKnown(r request) field.ErrorList {
	kind, labelled := r.Object.Labels[harvesterv1.LabelCloudInitTemplate]
	if !labelled || kind == kindUser || kind == kindNetwork {
		return nil
	}
	path := field.NewPath("metadata", "labels").Key(harvesterv1.LabelCloudInitTemplate)
	return field.ErrorList{field.NotSupported(path, kind, []string{kindUser, kindNetwork})}
}

// readable refuses text that cloud-init would not take. A template that is older than this check may keep its text.
func readable(r request) field.ErrorList {
	kind, labelled := r.Object.Labels[harvesterv1.LabelCloudInitTemplate]
	text := r.Object.Data[dataKey]
	if !labelled || r.Old != nil && r.Old.Labels[harvesterv1.LabelCloudInitTemplate] == kind && r.Old.Data[dataKey] == text {
		return nil
	}
	path := field.NewPath("data", dataKey)
	if strings.TrimSpace(text) == "" {
		return field.ErrorList{field.Required(path, "clients read the template from here")}
	}
	if problem := problemOf(kind, text); problem != "" {
		return field.ErrorList{field.Invalid(path, field.OmitValueType{}, problem)}
	}
	return nil
}

// problemOf says why cloud-init would not take a text, "" when it would.
func problemOf(kind, text string) string {
	if kind == kindUser {
		settings, known := headOf(text)
		if !known {
			return fmt.Sprintf("must begin with a line %s, or with another by which cloud-init knows user data, such as #!/bin/sh", header)
		}
		if !settings {
			return "" // a program, an archive or a list of addresses, which cloud-init alone can judge
		}
	}
	var settings map[string]any
	if err := yaml.Unmarshal([]byte(text), &settings); err != nil {
		return fmt.Sprintf("is no YAML with settings by name: %s", err)
	}
	if kind == kindNetwork && len(settings) == 0 {
		return "has no settings of a network"
	}
	return ""
}

// headOf says whether cloud-init knows user data by their first line, and whether they are settings.
func headOf(text string) (settings, known bool) {
	first, _, _ := strings.Cut(text, "\n")
	if strings.TrimRight(first, " \t\r") == header {
		return true, true
	}
	return false, slices.ContainsFunc(otherHeads, func(head string) bool { return strings.HasPrefix(first, head) })
}
