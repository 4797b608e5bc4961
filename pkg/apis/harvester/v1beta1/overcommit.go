package v1beta1

import (
	"encoding/json"
	"errors"
	"fmt"
)

// Whole is a hundred percent: what is there, promised once.
const Whole = 100

// Overcommit is the value of the setting overcommit-config: how much more than it has a node may promise, in percent. CPU
// 1000 lets ten machines share a core.
//
// +kubebuilder:object:generate=false
type Overcommit struct {
	// cpu is the percentage of processors.
	CPU int64 `json:"cpu"`
	// memory is the percentage of memory.
	Memory int64 `json:"memory"`
	// storage is the percentage of disks.
	Storage int64 `json:"storage"`
}

// DefaultOvercommit holds while the setting cannot be read.
var DefaultOvercommit = Overcommit{CPU: 1000, Memory: 150, Storage: Whole}

// ParseOvercommit reads the setting. What it does not name is promised once; promising less than there is is an error.
func ParseOvercommit(value string) (Overcommit, error) {
	read := Overcommit{CPU: Whole, Memory: Whole, Storage: Whole}
	if err := json.Unmarshal([]byte(value), &read); err != nil {
		return Overcommit{}, errors.New(`must be a JSON object such as {"cpu":1000,"memory":150,"storage":100}`)
	}
	if read.CPU < Whole || read.Memory < Whole || read.Storage < Whole {
		return Overcommit{}, fmt.Errorf("cpu, memory and storage must be at least %d percent", Whole)
	}
	return read, nil
}
