package driver

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/util/validation"

	"crofthci.io/croft/pkg/kubevirt"
)

// usual are flags that are right.
func usual() Flags {
	var flags Flags
	for _, d := range declarations(&flags) {
		if d.value.CanInt() {
			d.value.SetInt(int64(number(orZero(d.Default))))
		} else if d.Default != "" {
			d.value.SetString(d.Default)
		}
	}
	flags.KubeconfigContent, flags.ImageName, flags.VMNamespace = somewhere, "default/debian", "tenant"
	return flags
}

func orZero(text string) string {
	if text == "" {
		return "0"
	}
	return text
}

// somewhere is a credential of two sites.
const somewhere = `{"kind":"Config","apiVersion":"v1","current-context":"north","clusters":[{"name":"c","cluster":{"server":"https://192.0.2.1"}}],
"users":[{"name":"u","user":{"token":"SECRET"}}],"contexts":[
{"name":"north","context":{"cluster":"c","user":"u","extensions":[{"name":"crofthci.io/site","extension":{"labels":{"region":"north"}}}]}},
{"name":"south","context":{"cluster":"c","user":"u","namespace":"theirs"}}]}`

func TestPlanRefuses(t *testing.T) {
	cases := map[string]struct {
		reason string
		change func(*Flags)
		want   []string
	}{
		"Right":  {"the usual flags are", func(*Flags) {}, nil},
		"All":    {"everything wrong is told at once", func(f *Flags) { f.CPUCount, f.MemorySize, f.SSHUser = 0, -1, "a b" }, []string{"cpu-count must", "memory-size must", "ssh-user is"}},
		"NoDisk": {"a machine boots from something", func(f *Flags) { f.ImageName = "" }, []string{"image-name is needed"}},
		"Exec": {"a kubeconfig has no program run", func(f *Flags) {
			f.KubeconfigContent = strings.Replace(somewhere, `"token":"SECRET"`, `"exec":{"apiVersion":"client.authentication.k8s.io/v1","command":"/bin/SECRET"}`, 1)
		}, []string{"must not have a program run"}},
		"File":     {"nor a file read", func(f *Flags) { f.KubeconfigContent = strings.Replace(somewhere, `"token"`, `"tokenFile"`, 1) }, []string{"must have its token"}},
		"Broken":   {"what is no kubeconfig is not repeated", func(f *Flags) { f.KubeconfigContent = "SECRET: [" }, []string{"is no kubeconfig"}},
		"Site":     {"a site that the credential does not reach", func(f *Flags) { f.Site = "west" }, []string{"has the name of --croft-site", "it reaches: north, south"}},
		"Selector": {"no site has the labels", func(f *Flags) { f.SiteSelector = "region=east" }, []string{"the labels of --croft-site-selector"}},
		"Boot":     {"secure boot is EFI's", func(f *Flags) { f.EnableSecureBoot = true }, []string{"needs --croft-enable-efi"}},
		"Pods":     {"masquerade is for the network of pods", func(f *Flags) { f.NetworkName, f.NetworkType = "default/lan", "masquerade" }, []string{"type masquerade"}},
		"Address":  {"the address is one of the cards'", func(f *Flags) { f.AddressNetwork = "default/lan" }, []string{"address-network must"}},
		"Script":   {"user data that cannot be merged", func(f *Flags) { f.UserData = "#!/bin/sh SECRET" }, []string{"user-data must begin"}},
		"Device":   {"a device is no file with user data", func(f *Flags) { f.UserDataFile = "/dev/zero" }, []string{"user-data-file must name a file"}},
		"Unknown":  {"a field that nobody knows", func(f *Flags) { f.ImageName, f.DiskInfo = "", `{"disks":[{"imagename2":"a"}]}` }, []string{"unknown field"}},
		"Own":      {"labels of the site are not a user's", func(f *Flags) { f.Labels = "kubevirt.io/a=b" }, []string{"labels of kubevirt.io are the site's own"}},
		"Path":     {"a namespace is no path", func(f *Flags) { f.VMNamespace = "../kube-system" }, []string{"vm-namespace is no namespace"}},
		"Pool":     {"pools are a cluster's", func(f *Flags) { f.PoolAffinity = spread }, []string{"needs --croft-cluster-name"}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			flags := usual()
			tc.change(&flags)
			_, err := planOf("web", flags)
			if (err != nil) != (tc.want != nil) {
				t.Fatalf("%s: %v", tc.reason, err)
			}
			for _, part := range tc.want {
				contains(t, err, part)
			}
			if err != nil && strings.Contains(err.Error(), "SECRET") {
				t.Errorf("%s: a secret is told: %v", tc.reason, err)
			}
		})
	}
}

func TestPoolOf(t *testing.T) {
	cases := map[string]struct{ reason, name, cluster, want string }{
		"Rancher": {"a name as Rancher makes it", "blue-big-pool-x7k2p-abcde", "blue", "big-pool"},
		"Short":   {"a name of somebody else's", "blue-pool", "blue", "pool"},
		"Other":   {"a name that is not of the cluster", "red-pool-a-b", "blue", ""},
		"None":    {"a machine of no cluster", "web", "", ""},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			if got := poolOf(tc.name, tc.cluster); got != tc.want {
				t.Errorf("%s: want %q, got %q", tc.reason, tc.want, got)
			}
		})
	}
}

func TestMerge(t *testing.T) {
	own := map[string]any{"hostname": "mine", "runcmd": []any{"a"}, "chpasswd": map[string]any{"expire": true}, "x": 1}
	added := map[string]any{"hostname": "node", "runcmd": []any{"b"}, "chpasswd": map[string]any{"list": "l"}}
	want := map[string]any{
		"hostname": "node", "runcmd": []any{"a", "b"}, "chpasswd": map[string]any{"expire": true, "list": "l"}, "x": 1,
	}
	if diff := cmp.Diff(want, merge(own, added)); diff != "" {
		t.Errorf("the user's commands first, the machine's name as rancher-machine says (-want +got):\n%s", diff)
	}
}

// FuzzFlags holds of any flags: an error that tells no secret, or a machine that is right. From most flags to a few are other
// than usual, since of sets with many others hardly one is a machine.
func FuzzFlags(f *testing.F) {
	for seed := range uint64(1000) {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, seed uint64) {
		flags := usual()
		random := rand.New(rand.NewPCG(seed, seed))
		usually := 3 + random.IntN(40)
		for _, d := range declarations(&flags) {
			if random.IntN(usually) > 0 || d.Name == "ssh-private-key-path" {
				continue
			}
			switch {
			case d.value.CanInt():
				d.value.SetInt([]int64{-1, 0, 1, 2, 16, 60, 1 << 40}[random.IntN(7)])
			case d.value.Kind().String() == "bool":
				d.value.SetBool(random.IntN(2) == 0)
			case d.Name != "kubeconfig-content" || random.IntN(4) == 0:
				d.value.SetString(texts[random.IntN(len(texts))])
			}
		}
		p, err := planOf("web", flags)
		if err != nil {
			if strings.Contains(err.Error(), "SECRET") {
				t.Errorf("a secret is told: %v", err)
			}
			return
		}
		p.namespace = p.sites[0].in(p.namespace)
		vm, err := p.object("abcde")
		if err != nil {
			t.Fatal(err)
		}
		delete(vm.Annotations, annotationDescription) // any text, which people are meant to read
		for _, sentence := range wrongOf(vm) {
			t.Errorf("seed %d: %s", seed, sentence)
		}
	})
}

// texts are values that flags may be given, by mistake or by malice, and some that are right.
var texts = []string{
	"", "a", "default/debian", "a/b/c", "../../etc/passwd", "$(reboot)", "; rm -rf /", "\x00", "😀", "a=b,c=d", "virtio", "bridge", "masquerade",
	"spread", "separate", "pack", "40", "-1", "1e9", "#cloud-config\npassword: SECRET\n", "SECRET: [", "#cloud-config\nnull",
	`{"disks":[{"imageName":"default/debian","size":40},{"storageClassName":"fast","size":"2","bus":"scsi","hotPlugAble":true}]}`,
	`{"interfaces":[{"networkName":"default/lan"},{"networkName":"","macAddress":"02:00:5E:10:00:01"}]}`, "default/lan", "version: 2\nethernets: {}\n",
	`{"vGPURequests":[{"deviceName":"nvidia.com/A2-4Q"},{"name":"b","deviceName":"nvidia.com/A2-4Q"}]}`, "nvidia.com/A2-4Q", `{"nodeAffinity":{}}`,
	strings.Repeat("x", 70), strings.Repeat("a/", 40), "north", "region=north", "imported", "host-passthrough", "{}", "[]", "null", "e30=", "kube-system",
}

// wrongOf is what no machine may be, whatever was asked for.
func wrongOf(vm *kubevirt.VirtualMachine) []string {
	var wrong []string
	spec := vm.Spec.Template.Spec
	if len(validation.IsDNS1123Label(vm.Namespace)) > 0 {
		wrong = append(wrong, "its namespace is "+vm.Namespace)
	}
	volumes := map[string]bool{}
	for _, volume := range spec.Volumes {
		volumes[volume.Name] = true
		if claim := volume.PersistentVolumeClaim; claim != nil && len(validation.IsDNS1123Subdomain(claim.ClaimName)) > 0 {
			wrong = append(wrong, "a claim is called "+claim.ClaimName)
		}
	}
	for _, disk := range spec.Domain.Devices.Disks {
		if !volumes[disk.Name] {
			wrong = append(wrong, "disk "+disk.Name+" has no volume")
		}
	}
	if len(spec.Networks) != len(spec.Domain.Devices.Interfaces) || len(spec.Networks) == 0 {
		wrong = append(wrong, "cards and networks are not the same")
	}
	for key, value := range vm.Labels {
		if len(validation.IsQualifiedName(key)) > 0 || len(validation.IsValidLabelValue(value)) > 0 {
			wrong = append(wrong, fmt.Sprintf("label %s=%s", key, value))
		}
	}
	claims, err := ownClaims(vm)
	if text, _ := json.Marshal(vm); err != nil || len(claims) == 0 || strings.Contains(string(text), "SECRET") {
		wrong = append(wrong, "it has no disks, or a secret in it")
	}
	return wrong
}
