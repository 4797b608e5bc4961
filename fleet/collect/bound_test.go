package collect_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"crofthci.io/croft/fleet/index"
	"crofthci.io/croft/fleet/namespace"
	"crofthci.io/croft/fleet/node"
	"crofthci.io/croft/fleet/virtualmachine"
)

// samples are, by the name of the source, objects that have everything of which something may be kept.
var samples = map[string]string{
	"virtualmachines.kubevirt.io": `{"metadata":{"namespace":"n","name":"x","uid":"u","resourceVersion":"1","generateName":"g","selfLink":"s","creationTimestamp":"2026-01-01T00:00:00Z","deletionTimestamp":"2026-01-01T00:00:00Z",
		"labels":{"app":"web","harvesterhci.io/os":"linux"},"annotations":{"harvesterhci.io/os":"linux","harvesterhci.io/volumeClaimTemplates":"[{\"metadata\":{\"annotations\":{\"harvesterhci.io/imageId\":\"default/tiny\"}}}]"},
		"ownerReferences":[{"name":"o","uid":"u"}],"finalizers":["f"],"managedFields":[{"manager":"m"}]},
		"spec":{"runStrategy":"Always","instancetype":{"name":"big"},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"hostname":"h","domain":{
			"cpu":{"cores":2,"sockets":2,"threads":2,"model":"host","features":[{"name":"f"}]},"memory":{"guest":"1Gi","hugepages":{"pageSize":"2Mi"}},
			"resources":{"limits":{"cpu":"2","memory":"2Gi","example.com/gpu":"1"},"requests":{"cpu":"1","memory":"1Gi"}}}}}},
		"status":{"printableStatus":"CrashLoopBackOff","startFailure":{"consecutiveFailCount":3,"lastFailedVMIUID":"u"},
			"conditions":[{"type":"Failure","status":"True","reason":"r","message":"m"},{"type":"RestartRequired","status":"True","reason":"r","message":"m"}]}}`,
	"virtualmachineinstances.kubevirt.io": `{"metadata":{"namespace":"n","name":"x","uid":"u","deletionTimestamp":"2026-01-01T00:00:00Z","labels":{"a":"b"}},
		"spec":{"domain":{"cpu":{"cores":2,"model":"host"},"memory":{"guest":"1Gi"},"resources":{"limits":{"cpu":"2","example.com/gpu":"1"}}}},
		"status":{"phase":"Running","nodeName":"n1","reason":"r","guestOSInfo":{"prettyName":"Debian","name":"d"},
			"interfaces":[{"ipAddress":"10.0.0.1","ipAddresses":["10.0.0.1","fd00::1%eth0"],"mac":"m","name":"n"}],
			"migrationState":{"startTimestamp":"2026-01-01T00:00:00Z","sourceNode":"a","targetNode":"b","targetPod":"p"},
			"conditions":[{"type":"Paused","status":"True","reason":"r","message":"m"},{"type":"Synchronized","status":"False","reason":"r","message":"m"},{"type":"PodScheduled","status":"False","reason":"r","message":"m"}]}}`,
	"nodes": `{"metadata":{"name":"n1","uid":"u","creationTimestamp":"2026-01-01T00:00:00Z","labels":{"node-role.kubernetes.io/worker":"","zone":"z"},"annotations":{"a":"b"}},
		"spec":{"unschedulable":false,"providerID":"p"},
		"status":{"allocatable":{"cpu":"4","memory":"8Gi","pods":"110"},"capacity":{"cpu":"4"},"nodeInfo":{"kubeletVersion":"v1","osImage":"o"},
			"addresses":[{"type":"InternalIP","address":"10.0.0.1"},{"type":"ExternalIP","address":"fd00::1%eth0"},{"type":"Hostname","address":"n1"}],
			"conditions":[{"type":"Ready","status":"False","reason":"r","message":"m"}]}}`,
	"namespaces": `{"metadata":{"name":"n","uid":"u","creationTimestamp":"2026-01-01T00:00:00Z","labels":{"field.cattle.io/projectId":"p"},"annotations":{"field.cattle.io/projectId":"c:p"}},
		"spec":{"finalizers":["kubernetes"]},"status":{"phase":"Active","conditions":[{"type":"t","message":"m"}]}}`,
}

// largestRow is more than the largest row that may come of one grown object.
const largestRow = 48 << 10

// TestRowIsBounded holds, for every type, that a row stays small whatever a site sends: each string of an object, each key,
// each list and each map is made very large, one after the other, and then the row is still there and still small, or the
// object is refused.
func TestRowIsBounded(t *testing.T) {
	for _, kind := range []*index.Type{virtualmachine.Type, node.Type, namespace.Type} {
		for number, source := range kind.Sources {
			t.Run(source.Name(), func(t *testing.T) {
				var sample any
				others := partsOf(t, kind)
				if err := json.Unmarshal([]byte(samples[source.Name()]), &sample); err != nil {
					t.Fatal(err)
				}
				grown(sample, "", func(what string) {
					text, err := json.Marshal(sample)
					if err != nil {
						t.Fatal(err)
					}
					part, err := source.Trim(text)
					if err != nil {
						return
					}
					if len(part) > largestRow {
						t.Errorf("%s: %d bytes are kept", what, len(part))
					}
					others[number] = part
					checkRow(t, kind, others, what)
				})
			})
		}
	}
}

// partsOf are what is kept of the samples of a type.
func partsOf(t *testing.T, kind *index.Type) [][]byte {
	t.Helper()
	var parts [][]byte
	for _, source := range kind.Sources {
		part, err := source.Trim([]byte(samples[source.Name()]))
		if err != nil {
			t.Fatal(err)
		}
		parts = append(parts, part)
	}
	return parts
}

func checkRow(t *testing.T, kind *index.Type, parts [][]byte, what string) {
	t.Helper()
	row, err := kind.Join(parts)
	if err != nil {
		t.Errorf("%s: what was kept cannot be joined: %v", what, err)
		return
	}
	text, err := json.Marshal(row)
	if err != nil {
		t.Fatal(err)
	}
	if len(text) > largestRow {
		t.Errorf("%s: the row has %d bytes", what, len(text))
	}
}

// grown makes each part of a value large in turn, shows the whole, and puts the part back.
func grown(value any, where string, show func(what string)) {
	switch v := value.(type) {
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(v)) {
			before := v[key]
			delete(v, key)
			text := key + strings.Repeat("x", 70_000)
			v[text] = before
			show(where + " with a long key " + key)
			delete(v, text)
			v[key] = before
			large(before, func(after any) {
				v[key] = after
				show(where + "." + key)
			})
			v[key] = before
			grown(before, where+"."+key, show)
		}
		for i := range 1000 {
			v[fmt.Sprintf("node-role.kubernetes.io/more-%d", i)] = "10"
		}
		show(where + " with many keys")
		for i := range 1000 {
			delete(v, fmt.Sprintf("node-role.kubernetes.io/more-%d", i))
		}
	case []any:
		for i, before := range v {
			large(before, func(after any) {
				v[i] = after
				show(fmt.Sprintf("%s[%d]", where, i))
			})
			v[i] = before
			grown(before, fmt.Sprintf("%s[%d]", where, i), show)
		}
	}
}

// large gives a value in its large forms.
func large(value any, show func(any)) {
	switch v := value.(type) {
	case string:
		for _, text := range long(v) {
			show(text)
		}
	case []any:
		many := make([]any, 0, 1000*len(v))
		for range 1000 {
			many = append(many, v...)
		}
		show(many)
		show(several(v))
	}
}

// several repeats the texts of a list, or those within its entries, each a little changed, so that none looks like one before.
func several(list []any) []any {
	text, err := json.Marshal(list)
	if err != nil {
		return list
	}
	var all []any
	for i := range 100 {
		var more []any
		changed := strings.NewReplacer("10.0.0.1", fmt.Sprintf("10.%d.%d.1", i/250, i%250), "fd00::1", fmt.Sprintf("fd00::%x", i+2)).Replace(string(text))
		if json.Unmarshal([]byte(changed), &more) == nil {
			all = append(all, more...)
		}
	}
	return all
}

// long makes long texts of one: its beginning kept, of bytes that stay as they are, of more bytes than letters, of such as
// JSON writes with six, and of digits; and a number that ends nowhere.
func long(text string) []string {
	all := []string{"1e-2147483647"}
	for _, unit := range []string{"x", "ü", "\x01", "<", "0"} {
		all = append(all, text+strings.Repeat(unit, 70_000))
	}
	return all
}
