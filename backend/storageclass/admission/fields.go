package admission

import (
	"fmt"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation/field"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/cdi"
	"crofthci.io/croft/pkg/longhorn"
)

var (
	parametersPath  = field.NewPath("parameters")
	annotationsPath = field.NewPath("metadata", "annotations")
)

// changed says whether a parameter or an annotation is new or another than before: what is there already is let be, so
// that whoever has an old class can still change other things of it.
func changed(r request, of func(*class) map[string]string, key string) bool {
	return r.Old == nil || of(r.Old)[key] != of(r.Object)[key]
}

func parameters(c *class) map[string]string  { return c.Parameters }
func annotations(c *class) map[string]string { return c.Annotations }

// localityServed refuses replicas that lie with the machine and nowhere else: a machine could neither move nor outlive
// its node.
func localityServed(r request) field.ErrorList {
	key := longhorn.ParameterLocality
	if r.Object.Provisioner != longhorn.Driver || r.Object.Parameters[key] != longhorn.LocalityStrict || !changed(r, parameters, key) {
		return nil
	}
	return field.ErrorList{field.NotSupported(parametersPath.Key(key), r.Object.Parameters[key],
		[]string{longhorn.LocalityDisabled, longhorn.LocalityBest})}
}

// mostReplicas is what Longhorn takes.
const mostReplicas = 20

// replicasCounted refuses a number of replicas that Longhorn would refuse with each volume, which then waits for ever.
func replicasCounted(r request) field.ErrorList {
	key := longhorn.ParameterReplicas
	value := r.Object.Parameters[key]
	if r.Object.Provisioner != longhorn.Driver || value == "" || !changed(r, parameters, key) {
		return nil
	}
	if number, err := strconv.Atoi(value); err != nil || number < 1 || number > mostReplicas {
		return field.ErrorList{field.Invalid(parametersPath.Key(key), value,
			fmt.Sprintf("must be a whole number between 1 and %d", mostReplicas))}
	}
	return nil
}

// encryptionComplete asks an encrypted class for the secret that each of its driver's calls reads the key from. What is
// in the secret is the driver's to say: reading it would need the right to read every secret of the site.
func encryptionComplete(r request) field.ErrorList {
	if r.Object.Parameters[longhorn.ParameterEncrypted] != "true" || !changed(r, parameters, longhorn.ParameterEncrypted) {
		return nil
	}
	var wrong field.ErrorList
	for _, key := range longhorn.SecretParameters {
		if strings.TrimSpace(r.Object.Parameters[key]) == "" {
			wrong = append(wrong, field.Required(parametersPath.Key(key), "an encrypted class names the secret with the key"))
		}
	}
	return wrong
}

// hintsReadable refuses annotations for CDI that CDI could not follow.
func hintsReadable(r request) field.ErrorList {
	checks := []struct {
		key   string
		check func(string) error
	}{
		{harvesterv1.AnnotationFilesystemOverhead, cdi.CheckOverhead},
		{harvesterv1.AnnotationCloneStrategy, func(value string) error { _, err := cdi.ParseStrategy(value); return err }},
		{harvesterv1.AnnotationModes, func(value string) error { _, err := cdi.ParseModes(value); return err }},
	}
	var wrong field.ErrorList
	for _, c := range checks {
		value := r.Object.Annotations[c.key]
		if value == "" || !changed(r, annotations, c.key) {
			continue
		}
		if err := c.check(value); err != nil {
			wrong = append(wrong, field.Invalid(annotationsPath.Key(c.key), value, err.Error()))
		}
	}
	return wrong
}

// hintsServed refuses annotations for CDI on a class whose images Longhorn's first engine keeps by itself.
func hintsServed(r request) field.ErrorList {
	if !longhorn.FirstEngine(r.Object.Provisioner, r.Object.Parameters) {
		return nil
	}
	var wrong field.ErrorList
	for _, key := range []string{
		harvesterv1.AnnotationFilesystemOverhead, harvesterv1.AnnotationCloneStrategy,
		harvesterv1.AnnotationModes, harvesterv1.AnnotationSnapshotClass,
	} {
		if r.Object.Annotations[key] != "" && changed(r, annotations, key) {
			wrong = append(wrong, field.Forbidden(annotationsPath.Key(key),
				fmt.Sprintf("a class of Longhorn's first engine (%s) tells CDI nothing", longhorn.Driver)))
		}
	}
	return wrong
}
