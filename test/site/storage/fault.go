package storage

import (
	"time"
)

// The troubles of storage; README.md beside this file says what each does.
const (
	// FaultProvision on a claim: "fail", or how long it takes.
	FaultProvision = "provision"
	// FaultCapacity on a storage class: all that its volumes may hold, such as
	// "10Gi".
	FaultCapacity = "capacity"
	// FaultSnapshot on a volume snapshot: "fail", or how long it takes.
	FaultSnapshot = "snapshot"
	// FaultExpand on a claim: "fail", or how long it takes, or the size that it
	// cannot grow beyond, such as "10Gi".
	FaultExpand = "expand"
	// FaultDelete on a volume: "fail".
	FaultDelete = "delete"
)

// trouble reads a fault's value: how long something has still to wait that
// began at a time, and whether it fails then.
func trouble(value string, ordered bool, began, now time.Time) (wait time.Duration, fails bool) {
	if !ordered {
		return 0, false
	}
	slow, err := time.ParseDuration(value)
	if err != nil {
		return 0, true
	}
	return max(0, began.Add(slow).Sub(now)), false
}

// isDuration says whether a fault's value is a time: "1m" is a minute, and no
// quantity.
func isDuration(value string) bool {
	_, err := time.ParseDuration(value)
	return err == nil
}
