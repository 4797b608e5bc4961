package site

import (
	"context"
	"sync"

	corev1 "k8s.io/api/core/v1"
)

// Play plays one pod from the moment it is bound to a node of ours until it has
// ended: it writes the pod's status (podIP, conditions, phase, the containers'
// termination messages) and does what the pod's programs would do.
//
// It is called once per pod, in a goroutine of its own, and again after a
// restart of the process for a pod that has not ended. The context ends when
// somebody deletes the pod; the kubelet removes the deleted pod from the API
// server after Play returned.
type Play func(ctx context.Context, pod *corev1.Pod)

// Match says whether a pod belongs to a player.
type Match func(*corev1.Pod) bool

// Players are the parts of a site that play certain pods instead of the
// kubelet, as the importer does for CDI's workers.
type Players struct {
	mu      sync.RWMutex
	players []player
	holders []Match
	changed chan struct{}
}

type player struct {
	match Match
	play  Play
}

// NewPlayers is the empty list.
func NewPlayers() *Players { return &Players{changed: make(chan struct{}, 1)} }

// Register claims the pods that match. It may be called at any time; pods with
// the label cdi.kubevirt.io wait for their player, all others are the kubelet's
// unless a player has claimed them before they were bound.
func (p *Players) Register(match Match, play Play) {
	p.mu.Lock()
	p.players = append(p.players, player{match, play})
	p.mu.Unlock()
	select {
	case p.changed <- struct{}{}:
	default:
	}
}

// For is the player of a pod, nil when nobody has claimed it.
func (p *Players) For(pod *corev1.Pod) Play {
	p.mu.RLock()
	defer p.mu.RUnlock()
	for _, player := range p.players {
		if player.match(pod) {
			return player.play
		}
	}
	return nil
}

// Hold makes the kubelet keep deleted pods in the API server as long as held
// answers true for them, as a launcher's pod stays while its machine shuts down.
func (p *Players) Hold(held Match) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.holders = append(p.holders, held)
}

// Held says whether somebody still needs a deleted pod.
func (p *Players) Held(pod *corev1.Pod) bool {
	p.mu.RLock()
	defer p.mu.RUnlock()
	for _, held := range p.holders {
		if held(pod) {
			return true
		}
	}
	return false
}

// Changed tells the kubelet that somebody registered.
func (p *Players) Changed() <-chan struct{} { return p.changed }
