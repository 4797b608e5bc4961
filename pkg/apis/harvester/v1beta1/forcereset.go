package v1beta1

import (
	"encoding/json"
	"errors"
	"time"
)

// ForceReset is the value of the setting vm-force-reset-policy: what becomes of the machines of a node that is lost.
//
// +kubebuilder:object:generate=false
type ForceReset struct {
	// enable has the machines of a lost node started on another one.
	Enable bool `json:"enable"`
	// period is how many seconds a node must have been lost.
	Period int64 `json:"period"`
	// vmMigrationTimeout is how many seconds a machine is left alone that was migrating when its node was lost.
	VMMigrationTimeout int64 `json:"vmMigrationTimeout"`
}

// DefaultForceReset holds while the setting cannot be read.
var DefaultForceReset = ForceReset{Enable: true, Period: 15, VMMigrationTimeout: 180}

// ParseForceReset reads the setting. What it does not name is as in the default.
func ParseForceReset(value string) (ForceReset, error) {
	read := DefaultForceReset
	if err := json.Unmarshal([]byte(value), &read); err != nil {
		return ForceReset{}, errors.New(`must be a JSON object such as {"enable":true,"period":15,"vmMigrationTimeout":180}`)
	}
	if read.Period < 1 || read.VMMigrationTimeout < 1 {
		return ForceReset{}, errors.New("period and vmMigrationTimeout must be at least 1 second")
	}
	return read, nil
}

// After is how long a node must have been lost.
func (f ForceReset) After() time.Duration { return time.Duration(f.Period) * time.Second }

// AfterMigration is how long a machine is left alone that was migrating.
func (f ForceReset) AfterMigration() time.Duration {
	return time.Duration(f.VMMigrationTimeout) * time.Second
}
