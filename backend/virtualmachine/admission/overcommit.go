package admission

import (
	"context"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
)

// overcommit is how much more than it has a node may promise. A machine is never refused because of a setting that
// somebody spoiled.
func (s site) overcommit(ctx context.Context) (harvesterv1.Overcommit, error) {
	value, err := s.setting(ctx, harvesterv1.SettingOvercommit)
	if err != nil {
		return harvesterv1.Overcommit{}, err
	}
	read, err := harvesterv1.ParseOvercommit(value)
	if err != nil {
		return harvesterv1.DefaultOvercommit, nil
	}
	return read, nil
}
