package admission

import (
	"context"
	"strconv"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
)

// usualPatience is how many seconds a machine may take to shut down while the setting cannot be read.
const usualPatience = 120

// patience gives a machine that says nothing the site's time to shut down.
func (s site) patience(ctx context.Context, r request) error {
	if r.Object.Spec.Template == nil || r.Object.Spec.Template.Spec.TerminationGracePeriodSeconds != nil {
		return nil
	}
	value, err := s.setting(ctx, harvesterv1.SettingTerminationGracePeriod)
	if err != nil {
		return err
	}
	seconds, err := strconv.ParseInt(value, 10, 64)
	if err != nil || seconds < 0 {
		seconds = usualPatience
	}
	r.Object.Spec.Template.Spec.TerminationGracePeriodSeconds = &seconds
	return nil
}
