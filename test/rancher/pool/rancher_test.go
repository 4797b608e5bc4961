package pool

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"unicode"

	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/utils/ptr"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller/controllerutil"
)

// finalizer keeps a CroftMachine until its machine is removed, as Rancher's does.
const finalizer = "rke.cattle.io/machine-provision"

// host serves the built driver.
func host(t *testing.T) hosted {
	t.Helper()
	const folder = "../../../bin/driver"
	server := httptest.NewServer(http.FileServer(http.Dir(folder)))
	t.Cleanup(server.Close)
	sums, err := os.ReadFile(folder + "/SHA256SUMS")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(sums)) {
		if sum, file, _ := strings.Cut(strings.TrimSpace(line), "  "); file == driverFile {
			return hosted{server.URL + "/" + driverFile, sum}
		}
	}
	t.Fatalf("no sum of %s", driverFile)
	return hosted{}
}

// infra are the CroftMachines, which Cluster API makes from the pool's template.
func (p *pool) infra() []unstructured.Unstructured {
	list := &unstructured.UnstructuredList{}
	list.SetAPIVersion("rke-machine.cattle.io/v1")
	list.SetKind("CroftMachineList")
	if err := p.site.List(p.Context(), list, client.InNamespace(namespace)); err != nil {
		return nil
	}
	return list.Items
}

// provision is Rancher's part: a Job for each CroftMachine, and what came of it.
func (p *pool) provision(ctx context.Context) error {
	for _, machine := range p.infra() {
		work := p.make
		if machine.GetDeletionTimestamp() != nil {
			work = p.unmake
		}
		if err := work(ctx, &machine); err != nil {
			return err
		}
	}
	return nil
}

// make has a Job make a machine, and tells Cluster API when it has.
func (p *pool) make(ctx context.Context, machine *unstructured.Unstructured) error {
	if controllerutil.AddFinalizer(machine, finalizer) {
		return p.site.Update(ctx, machine)
	}
	if provisioned, _, _ := unstructured.NestedBool(machine.Object, "status", "initialization", "provisioned"); provisioned {
		return nil
	}
	args := []string{"create", "--driver=croft", "--custom-install-script=/run/secrets/machine/value", "--hostname-override=" + machine.GetName()}
	job, err := p.job(ctx, machine.GetName(), "create", append(append(args, flagsOf(machine)...), machine.GetName()))
	if err != nil || !ended(job, batchv1.JobComplete) {
		if job != nil && ended(job, batchv1.JobFailed) {
			p.Errorf("the Job of %s has failed: %s", machine.GetName(), p.said(ctx, job))
			return p.site.Delete(ctx, machine)
		}
		return err
	}
	if err := p.joins(ctx, machine.GetName()); err != nil {
		return err
	}
	if err := unstructured.SetNestedField(machine.Object, providerOf(machine.GetName()), "spec", "providerID"); err != nil {
		return err
	}
	if err := p.site.Update(ctx, machine); err != nil {
		return err
	}
	if err := unstructured.SetNestedField(machine.Object, true, "status", "initialization", "provisioned"); err != nil {
		return err
	}
	return p.site.Status().Update(ctx, machine)
}

// unmake has a Job remove a machine, and lets its object go when it has.
func (p *pool) unmake(ctx context.Context, machine *unstructured.Unstructured) error {
	job, err := p.job(ctx, machine.GetName(), "remove", []string{"rm", "-y", "--update-config", machine.GetName()})
	if err != nil || !ended(job, batchv1.JobComplete) {
		if job != nil && ended(job, batchv1.JobFailed) {
			return fmt.Errorf("the Job that removes %s has failed: %s", machine.GetName(), p.said(ctx, job))
		}
		return err
	}
	if controllerutil.RemoveFinalizer(machine, finalizer) {
		return p.site.Update(ctx, machine)
	}
	return nil
}

// flagsOf are the driver's flags in a CroftMachine: cpuCount is --croft-cpu-count.
func flagsOf(machine *unstructured.Unstructured) []string {
	spec, _, _ := unstructured.NestedMap(machine.Object, "spec")
	var flags []string
	for field, value := range spec {
		if field == "providerID" {
			continue
		}
		var flag strings.Builder
		for _, letter := range field {
			if unicode.IsUpper(letter) {
				flag.WriteByte('-')
			}
			flag.WriteRune(unicode.ToLower(letter))
		}
		flags = append(flags, fmt.Sprintf("--croft-%s=%v", &flag, value))
	}
	slices.Sort(flags)
	return flags
}

// job is the Job of a verb for a machine, which is made when there is none, with what it may and knows.
func (p *pool) job(ctx context.Context, machine, verb string, args []string) (*batchv1.Job, error) {
	job := &batchv1.Job{}
	key := client.ObjectKey{Namespace: namespace, Name: machine + "-machine-provision-" + verb}
	if err := p.site.Get(ctx, key, job); !apierrors.IsNotFound(err) {
		return job, err
	}
	meta := metav1.ObjectMeta{Namespace: namespace, Name: machine + "-machine-provision"}
	state := machine + "-machine-state"
	args = append([]string{
		"--driver-download-url=" + p.driver.url, "--driver-hash=" + p.driver.hash, "--secret-namespace=" + namespace, "--secret-name=" + state,
	}, args...)
	for _, object := range []client.Object{
		secretOf(state, nil, "rke.cattle.io/machine-state", nil),
		&corev1.ServiceAccount{ObjectMeta: meta},
		&rbacv1.Role{ObjectMeta: meta, Rules: []rbacv1.PolicyRule{{
			APIGroups: []string{""}, Resources: []string{"secrets"}, ResourceNames: []string{state}, Verbs: []string{"get", "update"},
		}}},
		&rbacv1.RoleBinding{
			ObjectMeta: meta, RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "Role", Name: meta.Name},
			Subjects: []rbacv1.Subject{{Kind: rbacv1.ServiceAccountKind, Namespace: namespace, Name: meta.Name}},
		},
		jobOf(key.Name, machine, meta.Name, args),
	} {
		if err := p.site.Create(ctx, object); err != nil && !apierrors.IsAlreadyExists(err) {
			return nil, err
		}
	}
	return job, nil
}

// jobOf is a Job of Rancher's shape.
func jobOf(name, machine, account string, args []string) *batchv1.Job {
	from := func(secret string) corev1.VolumeSource {
		return corev1.VolumeSource{Secret: &corev1.SecretVolumeSource{SecretName: secret}}
	}
	return &batchv1.Job{
		ObjectMeta: metav1.ObjectMeta{Namespace: namespace, Name: name},
		Spec: batchv1.JobSpec{BackoffLimit: ptr.To[int32](3), Template: corev1.PodTemplateSpec{
			ObjectMeta: metav1.ObjectMeta{Labels: map[string]string{"rke.cattle.io/infra-machine-name": machine}},
			Spec: corev1.PodSpec{
				RestartPolicy: corev1.RestartPolicyNever, ServiceAccountName: account,
				Containers: []corev1.Container{{
					Name: "machine", Image: "rancher/machine:v0.15.0-rancher145", Args: args,
					SecurityContext: &corev1.SecurityContext{RunAsUser: ptr.To[int64](1000)},
					EnvFrom: []corev1.EnvFromSource{{SecretRef: &corev1.SecretEnvSource{
						LocalObjectReference: corev1.LocalObjectReference{Name: "machine-driver"},
					}}},
					VolumeMounts: []corev1.VolumeMount{
						{Name: "bootstrap", MountPath: "/run/secrets/machine"}, {Name: "files", MountPath: "/path/to/machine/files"},
					},
				}},
				Volumes: []corev1.Volume{{Name: "bootstrap", VolumeSource: from("blue-bootstrap")}, {Name: "files", VolumeSource: from("machine-driver")}},
			},
		}},
	}
}

func ended(job *batchv1.Job, how batchv1.JobConditionType) bool {
	return slices.ContainsFunc(job.Status.Conditions, func(c batchv1.JobCondition) bool { return c.Type == how && c.Status == corev1.ConditionTrue })
}

// said is what a Job's pods have said last.
func (p *pool) said(ctx context.Context, job *batchv1.Job) string {
	pods := &corev1.PodList{}
	if err := p.site.List(ctx, pods, client.InNamespace(namespace), client.MatchingLabels{"batch.kubernetes.io/job-name": job.Name}); err != nil {
		return err.Error()
	}
	var all strings.Builder
	for _, pod := range pods.Items {
		for _, status := range pod.Status.ContainerStatuses {
			if status.State.Terminated != nil {
				all.WriteString(status.State.Terminated.Message)
			}
		}
	}
	return all.String()
}
