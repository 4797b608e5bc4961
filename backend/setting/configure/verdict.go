package configure

import (
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"crofthci.io/croft/backend/setting"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/phase"
)

// verdict are the conditions for what a setting holds: configured, which says whether it is acted upon, and those by which
// programs know whether a person has something to set right. A default that nothing acts on is nobody's trouble.
func verdict(object *harvesterv1.Setting) []harvesterv1.Condition {
	configured := harvesterv1.Condition{Type: harvesterv1.SettingConfigured, Status: metav1.ConditionTrue}
	stopped := judged(object)
	if stop, ok := phase.StopOf(stopped); ok {
		configured.Status, configured.Reason, configured.Message = metav1.ConditionFalse, stop.Reason, stop.Message
		return append(phase.Health(stopped), configured)
	}
	configured.Reason = ReasonInForce
	if untouched(object) {
		configured.Reason = ReasonDefault
		if !actsOn(object) {
			configured.Status, configured.Reason = metav1.ConditionUnknown, ReasonNotServed
			configured.Message = "The default is kept for clients that read it; nothing at this site acts on it."
		}
	}
	return append(phase.Health(nil), configured)
}

// judged is what is wrong with a value that a person has set, nil when it is acted upon as it stands.
func judged(object *harvesterv1.Setting) error {
	if untouched(object) {
		return nil
	}
	known, found := setting.Find(object.Name)
	if found {
		if err := known.Check(object.Value); err != nil {
			return phase.Stall(ReasonInvalid, "The value %s; the default is in force.", setting.Brief(err.Error()))
		}
	}
	if !found || !known.ActsOn(object.Value) {
		return phase.Stall(ReasonNotServed, "The value is kept for clients that read it; nothing at this site acts on it.")
	}
	if kept := known.Kept(object.Value); kept != "" {
		return phase.Stall(ReasonPartlyServed, "%s", kept)
	}
	return nil
}

// untouched says whether a setting is at its default.
func untouched(object *harvesterv1.Setting) bool {
	return object.Value == "" || object.Value == object.Default
}

// actsOn says whether something in Croft acts on what a setting holds.
func actsOn(object *harvesterv1.Setting) bool {
	known, found := setting.Find(object.Name)
	return found && known.ActsOn(object.Effective())
}
