package configure

import (
	"strings"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"crofthci.io/croft/backend/setting"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
)

func TestVerdict(t *testing.T) {
	cases := map[string]struct {
		reason, name, value string
		status              metav1.ConditionStatus
		why, says           string
		ready, stalled      metav1.ConditionStatus
	}{
		"Default":      {"machines are given the default", "default-vm-termination-grace-period-seconds", "", "True", ReasonDefault, "", "True", "False"},
		"Written":      {"the default is one also when it is written down", "default-vm-termination-grace-period-seconds", "120", "True", ReasonDefault, "", "True", "False"},
		"InForce":      {"machines are given the value", "default-vm-termination-grace-period-seconds", "30", "True", ReasonInForce, "", "True", "False"},
		"Kept":         {"nobody looks for releases, also by default", "upgrade-checker-enabled", "", "Unknown", ReasonNotServed, "The default is kept", "True", "False"},
		"KeptEmpty":    {"nor are there backups", "backup-target", "", "Unknown", ReasonNotServed, "The default is kept", "True", "False"},
		"KeptRatio":    {"KubeVirt is not told its factor", "additional-guest-memory-overhead-ratio", "", "Unknown", ReasonNotServed, "The default is kept", "True", "False"},
		"KeptValue":    {"who asks for what nobody does is told", "upgrade-checker-enabled", "false", "False", ReasonNotServed, "The value is kept", "False", "True"},
		"Invalid":      {"a value of an older release may be wrong", "default-vm-termination-grace-period-seconds", "2m", "False", ReasonInvalid, "must be a whole number", "False", "True"},
		"InvalidKept":  {"wrong is worse than kept", "upgrade-checker-enabled", "perhaps", "False", ReasonInvalid, "must be one of", "False", "True"},
		"Storage":      {"of a part nothing comes", "overcommit-config", `{"cpu":1000,"memory":150,"storage":400}`, "False", ReasonPartlyServed, "storage is kept", "False", "True"},
		"Machines":     {"of the others all does", "overcommit-config", `{"cpu":400,"memory":100,"storage":100}`, "True", ReasonInForce, "", "True", "False"},
		"Unknown":      {"of a name that nobody knows nothing is acted on", "speed", "fast", "False", ReasonNotServed, "The value is kept", "False", "True"},
		"UnknownEmpty": {"nor without a value", "speed", "", "Unknown", ReasonNotServed, "The default is kept", "True", "False"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			object := &harvesterv1.Setting{ObjectMeta: metav1.ObjectMeta{Name: tc.name}, Value: tc.value}
			if known, found := setting.Find(tc.name); found {
				object.Default = known.Default
			}
			got := verdict(object)
			configured := harvesterv1.ConditionOf(got, harvesterv1.SettingConfigured)
			if configured.Status != tc.status || configured.Reason != tc.why || !strings.Contains(configured.Message, tc.says) {
				t.Errorf("%s: got %+v", tc.reason, configured)
			}
			if ready := harvesterv1.ConditionOf(got, harvesterv1.ConditionReady); ready.Status != tc.ready {
				t.Errorf("%s: ready: got %+v", tc.reason, ready)
			}
			if stalled := harvesterv1.ConditionOf(got, harvesterv1.ConditionStalled); stalled.Status != tc.stalled {
				t.Errorf("%s: stalled: got %+v", tc.reason, stalled)
			}
		})
	}
}

// TestHonest holds that no setting at its default says of itself that it is in force when nothing acts on it.
func TestHonest(t *testing.T) {
	for _, known := range setting.All {
		object := &harvesterv1.Setting{ObjectMeta: metav1.ObjectMeta{Name: known.Name}, Default: known.Default}
		configured := harvesterv1.ConditionOf(verdict(object), harvesterv1.SettingConfigured)
		if acted := configured.Status == metav1.ConditionTrue; acted != known.ActsOn(known.Default) {
			t.Errorf("%s: configured is %s (%s)", known.Name, configured.Status, configured.Reason)
		}
	}
}
