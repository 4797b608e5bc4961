package cdi

import (
	"fmt"
	"strconv"
	"strings"

	corev1 "k8s.io/api/core/v1"
	cdiv1 "kubevirt.io/containerized-data-importer-api/pkg/apis/core/v1beta1"
)

// State is how far a volume has come.
type State struct {
	// Progress in percent, 0 to 100.
	Progress int
	// Done says that all bytes are there.
	Done bool
	// Ready says that the volume waits for somebody to send its bytes.
	Ready bool
	// Failed says that this attempt has failed, whether or not CDI goes on trying.
	Failed bool
	// Final says that another attempt with the same source would fail again.
	Final bool
	// Blocked says that the claim cannot be made until something else changes.
	Blocked bool
	// Message is the importer's or CDI's own sentence about what keeps the volume from being done.
	Message string
}

// Reasons of CDI that are read here. See pkg/controller of CDI v1.65.
const (
	reasonPodFailed     = "Error"
	reasonChecksumError = "ChecksumError"
	prefixRefused       = "Err"
)

// StateOf reads a volume's status. CDI keeps an importer that exits in phase ImportInProgress and starts it again
// without end, so a failure is read from the Running condition and from the count of restarts, not from the phase.
func StateOf(volume *DataVolume) State {
	if volume.Status.Phase == cdiv1.Succeeded {
		return State{Progress: 100, Done: true}
	}
	state := State{Progress: percent(volume.Status.Progress), Ready: volume.Status.Phase == cdiv1.UploadReady}
	running, bound := condition(volume, cdiv1.DataVolumeRunning), condition(volume, cdiv1.DataVolumeBound)
	switch {
	case running.Reason == reasonChecksumError:
		state.Failed, state.Final, state.Message = true, true, running.Message
	case running.Status == corev1.ConditionFalse && running.Reason == reasonPodFailed:
		state.Failed, state.Message = true, running.Message
	case volume.Status.RestartCount > 0 || volume.Status.Phase == cdiv1.Failed:
		state.Failed, state.Message = true, running.Message
	case strings.HasPrefix(bound.Reason, prefixRefused):
		state.Blocked, state.Message = true, bound.Message
	case running.Status == corev1.ConditionFalse:
		state.Message = running.Message
	}
	if state.Failed && state.Message == "" {
		state.Message = fmt.Sprintf("the importer stopped %d times and gave no reason", max(volume.Status.RestartCount, 1))
	}
	return state
}

func condition(volume *DataVolume, kind cdiv1.DataVolumeConditionType) Condition {
	for _, condition := range volume.Status.Conditions {
		if condition.Type == kind {
			return condition
		}
	}
	return Condition{}
}

func percent(progress cdiv1.DataVolumeProgress) int {
	value, err := strconv.ParseFloat(strings.TrimSuffix(string(progress), "%"), 64)
	if err != nil { // "N/A" until the importer reports.
		return 0
	}
	return min(max(int(value), 0), 100)
}
