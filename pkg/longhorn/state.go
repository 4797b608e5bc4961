package longhorn

import (
	"cmp"
	"maps"
	"slices"
	"strings"
)

// State is how far a backing image has come, all its copies taken together.
type State struct {
	// Begun says that Longhorn has begun to do something about it.
	Begun bool
	// Done says that one copy at least is whole and checked: volumes can start from it.
	Done bool
	// Waits says that a copy waits for its bytes: an upload can begin.
	Waits bool
	// Failed says that no copy is whole, none is coming any more, and one has failed.
	Failed bool
	// Final says that another attempt would end as this one: the file is not the one that the checksum is of.
	Final bool
	// Progress in percent.
	Progress int
	// Message is why it failed, in Longhorn's words.
	Message string
}

// StateOf is how far a backing image has come.
func StateOf(image *BackingImage) State {
	state := State{}
	coming := false
	for _, disk := range slices.Sorted(maps.Keys(image.Status.DiskFileStatusMap)) {
		file := image.Status.DiskFileStatusMap[disk]
		if file == nil {
			continue
		}
		state.Progress = max(state.Progress, file.Progress)
		state.Begun = state.Begun || file.State != ""
		switch file.State {
		case CopyReady:
			state.Done = true
		case CopyFailed, CopyCleared:
			state.Failed, state.Message = true, cmp.Or(state.Message, file.Message)
		case CopyPending:
			state.Waits, coming = true, true
		default:
			coming = true
		}
	}
	if state.Done {
		return State{Begun: true, Done: true, Progress: 100}
	}
	state.Failed = state.Failed && !coming
	if !state.Failed {
		state.Message = ""
		return state
	}
	state.Final = strings.Contains(state.Message, "checksum") && strings.Contains(state.Message, "doesn't match")
	state.Message = cmp.Or(state.Message, "Longhorn does not say why")
	return state
}
