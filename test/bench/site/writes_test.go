package site

import (
	"bufio"
	"bytes"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	admissionv1 "k8s.io/api/admissionregistration/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/pkg/kubevirt"
)

// BenchmarkWrites counts what is written to the API server from the making of a machine with one disk until it runs: once
// as Harvester's clients make it, once by hand while Croft's webhooks are away and its controllers stand still. It begins to
// count when nobody writes any more: what manage has written at its own start is not the machines'.
func BenchmarkWrites(b *testing.B) {
	s := open(b)
	machines := size("CROFT_BENCH_WRITES", 40)
	for b.Loop() {
		// Croft comes first: what was made without it, it would write to as well when it comes back.
		croft := s.run(b, "croft", machines, true)
		plain := s.plain(b, func() map[string]int { return s.run(b, "plain", machines, false) })
		fmt.Printf("\nwrites to the API server for a machine, from its making until it runs, of %d\n\n| | plain KubeVirt | with Croft |\n|---|---|---|\n", machines)
		sum := [2]int{}
		for _, what := range slices.Sorted(maps.Keys(union(plain, croft))) {
			fmt.Printf("| %s | %.1f | %.1f |\n", what, each(plain[what], machines), each(croft[what], machines))
			sum[0], sum[1] = sum[0]+plain[what], sum[1]+croft[what]
		}
		fmt.Printf("| all | %.1f | %.1f |\n\nCroft adds %.1f.\n", each(sum[0], machines), each(sum[1], machines), each(sum[1]-sum[0], machines))
	}
}

func each(n, machines int) float64 { return float64(n) / float64(machines) }

func union(a, b map[string]int) map[string]int {
	all := maps.Clone(a)
	maps.Copy(all, b)
	return all
}

// plain does something while the site is one without Croft.
func (s site) plain(b *testing.B, do func() map[string]int) map[string]int {
	b.Helper()
	manage := s.pid(b, "site-1/croft-manage")
	mutating, validating := &admissionv1.MutatingWebhookConfiguration{}, &admissionv1.ValidatingWebhookConfiguration{}
	for _, webhooks := range []client.Object{mutating, validating} {
		if err := s.client.Get(b.Context(), client.ObjectKey{Name: "croft-backend"}, webhooks); err != nil {
			b.Fatal(err)
		}
		if err := s.client.Delete(b.Context(), webhooks); err != nil {
			b.Fatal(err)
		}
	}
	if err := syscall.Kill(manage, syscall.SIGSTOP); err != nil {
		b.Fatal(err)
	}
	defer func() {
		if err := syscall.Kill(manage, syscall.SIGCONT); err != nil {
			b.Error(err)
		}
		for _, webhooks := range []client.Object{mutating, validating} {
			webhooks.SetResourceVersion("")
			webhooks.SetUID("")
			if err := s.client.Create(b.Context(), webhooks); err != nil {
				b.Error(err)
			}
		}
	}()
	return do()
}

// run makes machines, waits until they run, and says what was written.
func (s site) run(b *testing.B, prefix string, machines int, templated bool) map[string]int {
	b.Helper()
	before := s.calm(b)
	for i := range machines {
		name := fmt.Sprintf("%s-%d", prefix, i)
		machine := machineOf(name, kubevirt.RunStrategyAlways)
		machine.Spec.Template.Spec.Domain.Devices.Disks = []kubevirt.Disk{{Name: "root"}}
		machine.Spec.Template.Spec.Volumes = []kubevirt.Volume{claimed("root", name+"-root")}
		if templated {
			machine.Annotations = map[string]string{"harvesterhci.io/volumeClaimTemplates": `[{"metadata":{"name":"` + name + `-root"},` +
				`"spec":{"accessModes":["ReadWriteMany"],"volumeMode":"Block","resources":{"requests":{"storage":"16Mi"}}}}]`}
		} else if err := s.client.Create(b.Context(), claim(name+"-root")); err != nil {
			b.Fatal(err)
		}
		if err := s.client.Create(b.Context(), machine); err != nil {
			b.Fatal(err)
		}
	}
	until(b, fmt.Sprintf("%d machines %s run", machines, prefix), func() bool {
		list := &kubevirt.VirtualMachineList{}
		if err := s.client.List(b.Context(), list, client.InNamespace("default")); err != nil {
			b.Fatal(err)
		}
		running := 0
		for _, one := range list.Items {
			if strings.HasPrefix(one.Name, prefix+"-") && one.Status.Ready {
				running++
			}
		}
		return running == machines
	})
	spent := s.writes(b)
	for what := range spent {
		spent[what] -= before[what]
		if spent[what] == 0 {
			delete(spent, what)
		}
	}
	return spent
}

// quiet is for how long nothing is written by programs that have done what they had to.
const quiet = 5 * time.Second

// calm are the writes once nobody writes any more: what programs write at their own start, and for machines that were made
// before, is no machine's of those that come.
func (s site) calm(b *testing.B) map[string]int {
	b.Helper()
	last, since := s.writes(b), time.Now()
	until(b, "nobody writes", func() bool {
		now := s.writes(b)
		if !maps.Equal(last, now) {
			last, since = now, time.Now()
		}
		return time.Since(since) >= quiet
	})
	return last
}

func claim(name string) *corev1.PersistentVolumeClaim {
	block := corev1.PersistentVolumeBlock
	return &corev1.PersistentVolumeClaim{
		ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: name},
		Spec: corev1.PersistentVolumeClaimSpec{
			AccessModes: []corev1.PersistentVolumeAccessMode{corev1.ReadWriteMany}, VolumeMode: &block,
			Resources: corev1.VolumeResourceRequirements{Requests: corev1.ResourceList{corev1.ResourceStorage: resource.MustParse("16Mi")}},
		},
	}
}

var counted = regexp.MustCompile(`^apiserver_request_total\{code="2\d\d",.*group="([^"]*)",resource="([^"]*)",.*subresource="([^"]*)",verb="(POST|PUT|PATCH|DELETE)",.*\} (\S+)$`)

// uncounted is what is written as time passes, or is no write.
var uncounted = regexp.MustCompile(`^(leases|events|.*reviews|nodes)$`)

// writes are the successful writes since the API server began, by verb and resource.
func (s site) writes(b *testing.B) map[string]int {
	b.Helper()
	text, err := s.rest.Get().AbsPath("/metrics").DoRaw(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	found := map[string]int{}
	scanner := bufio.NewScanner(bytes.NewReader(text))
	scanner.Buffer(nil, 1<<20)
	for scanner.Scan() {
		match := counted.FindStringSubmatch(scanner.Text())
		if match == nil || uncounted.MatchString(match[2]) {
			continue
		}
		n, err := strconv.ParseFloat(match[5], 64)
		if err != nil {
			b.Fatal(err)
		}
		what := match[4] + " " + match[2]
		if match[3] != "" {
			what += "/" + match[3]
		}
		found[what] += int(n)
	}
	return found
}
