package admission

import (
	"context"
	"encoding/json"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
)

// whole is a hundred percent.
const whole = 100

// overcommit is how much more than it has a node may promise, in percent.
type overcommit struct {
	CPU    int64 `json:"cpu"`
	Memory int64 `json:"memory"`
}

// usual is what holds while the setting cannot be read.
var usual = overcommit{CPU: 1000, Memory: 150}

func (s site) overcommit(ctx context.Context) (overcommit, error) {
	value, err := s.setting(ctx, harvesterv1.SettingOvercommit)
	if err != nil {
		return overcommit{}, err
	}
	return readOvercommit(value), nil
}

// readOvercommit reads the setting. A machine is never refused because of a setting that somebody spoiled.
func readOvercommit(value string) overcommit {
	read := overcommit{CPU: whole, Memory: whole}
	if json.Unmarshal([]byte(value), &read) != nil || read.CPU < whole || read.Memory < whole {
		return usual
	}
	return read
}
