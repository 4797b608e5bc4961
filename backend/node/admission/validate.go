package admission

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/util/validation/field"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/webhook"

	"crofthci.io/croft/backend/node"
	"crofthci.io/croft/pkg/admission"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
)

// Path is where the webhook is served.
const Path = "/validate/nodes"

type request = admission.Request[*corev1.Node]

// SetUp adds the webhook to the manager.
func SetUp(manager ctrl.Manager) error {
	s := site{reader: manager.GetAPIReader()}
	manager.GetWebhookServer().Register(Path, &webhook.Admission{
		Handler: admission.Validator[corev1.Node, *corev1.Node]{
			Fields: []admission.FieldCheck[*corev1.Node]{statusKnown, consoleReachable, witnessShut},
			Checks: []admission.Check[*corev1.Node]{s.notTheLast},
		},
	})
	return nil
}

// site is what the rules know of the site.
type site struct {
	// reader reads the nodes as they are now: who closes all of them closes one right after the other.
	reader client.Reader
}

func changed(r request, key string) (now string, is bool) {
	now = r.Object.Annotations[key]
	return now, now != "" && (r.Old == nil || r.Old.Annotations[key] != now)
}

func statusKnown(r request) field.ErrorList {
	known := []string{harvesterv1.MaintenanceRunning, harvesterv1.MaintenanceCompleted}
	status, is := changed(r, harvesterv1.AnnotationMaintainStatus)
	if !is || slices.Contains(known, status) {
		return nil
	}
	return field.ErrorList{field.NotSupported(annotation(harvesterv1.AnnotationMaintainStatus), status, known)}
}

// consoleReachable asks for an address that a browser opens: it becomes a link on a page.
func consoleReachable(r request) field.ErrorList {
	console, is := changed(r, harvesterv1.AnnotationHostConsole)
	if !is {
		return nil
	}
	parsed, err := url.Parse(console)
	if err == nil && (parsed.Scheme == "http" || parsed.Scheme == "https") && parsed.Host != "" {
		return nil
	}
	return field.ErrorList{field.Invalid(annotation(harvesterv1.AnnotationHostConsole), console, "must be a URL with http or https and a host")}
}

// witnessShut keeps the taint of a witness: it has a vote of the cluster's quorum, and no room for machines.
func witnessShut(r request) field.ErrorList {
	if _, witness := r.Object.Labels[harvesterv1.LabelWitness]; !witness || r.Old == nil {
		return nil
	}
	shuts := func(taint corev1.Taint) bool { return taint.Key == harvesterv1.TaintWitness }
	if !slices.ContainsFunc(r.Old.Spec.Taints, shuts) || slices.ContainsFunc(r.Object.Spec.Taints, shuts) {
		return nil
	}
	return field.ErrorList{field.Forbidden(field.NewPath("spec", "taints"),
		"a witness keeps its taint "+harvesterv1.TaintWitness+": it runs no machines")}
}

func annotation(key string) *field.Path {
	return field.NewPath("metadata", "annotations").Key(key)
}

// notTheLast refuses to close the last node that takes machines. One that is closed already may go into maintenance only
// while there is another, and one of the control plane only while enough of those are left.
func (s site) notTheLast(ctx context.Context, r request) error {
	if r.Old == nil {
		return nil
	}
	_, enters := changed(r, harvesterv1.AnnotationMaintainStatus)
	enters = enters && r.Old.Annotations[harvesterv1.AnnotationMaintainStatus] == ""
	closes := r.Object.Spec.Unschedulable && !r.Old.Spec.Unschedulable
	if !enters && !closes {
		return nil
	}
	all := &corev1.NodeList{}
	if err := s.reader.List(ctx, all); err != nil {
		return fmt.Errorf("find the other nodes: %w", err)
	}
	if node.Last(r.Object.Name, all.Items) {
		return conflict(r, fmt.Sprintf("node %s is the last one that takes machines: theirs would have nowhere to go", r.Object.Name))
	}
	if sentence := node.Kept(r.Object, all.Items); enters && sentence != "" {
		return conflict(r, sentence)
	}
	return nil
}

func conflict(r request, sentence string) error {
	refusal := apierrors.NewConflict(corev1.Resource("nodes"), r.Object.Name, errors.New("needed"))
	refusal.ErrStatus.Message = sentence
	return refusal
}
