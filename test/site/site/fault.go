package site

import (
	"sort"
	"sync"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// FaultPrefix begins the annotations and labels that order a fault on one
// object, for example fault.site.crofthci.io/migration: fail.
const FaultPrefix = "fault.site.crofthci.io/"

// Fault is one trouble that was ordered through the control socket.
type Fault struct {
	// Name of the fault, for example "migration".
	Name string `json:"name"`
	// Target is the object it meets: "namespace/name", a bare name for what has
	// no namespace, or "*" (and empty) for all.
	Target string `json:"target,omitempty"`
	// Value says how, for example "fail", "stall" or "30s". Empty means "true".
	Value string `json:"value,omitempty"`
}

// Faults are the troubles ordered for a site at this moment.
type Faults struct {
	mu      sync.Mutex
	orders  map[faultKey]string
	waiting map[chan struct{}]struct{}
}

type faultKey struct{ name, target string }

// NewFaults is a site without any trouble.
func NewFaults() *Faults {
	return &Faults{orders: map[faultKey]string{}, waiting: map[chan struct{}]struct{}{}}
}

// Set orders a fault; the same name and target again replaces its value.
func (f *Faults) Set(fault Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if fault.Value == "" {
		fault.Value = "true"
	}
	f.orders[keyOf(fault)] = fault.Value
	f.tell()
}

// Clear ends a fault. An empty name ends all of them.
func (f *Faults) Clear(fault Fault) {
	f.mu.Lock()
	defer f.mu.Unlock()
	delete(f.orders, keyOf(fault))
	if fault.Name == "" {
		clear(f.orders)
	}
	f.tell()
}

// List is every ordered fault, sorted by name and target.
func (f *Faults) List() []Fault {
	f.mu.Lock()
	defer f.mu.Unlock()
	list := make([]Fault, 0, len(f.orders))
	for key, value := range f.orders {
		list = append(list, Fault{Name: key.name, Target: key.target, Value: value})
	}
	sort.Slice(list, func(i, j int) bool {
		return list[i].Name+" "+list[i].Target < list[j].Name+" "+list[j].Target
	})
	return list
}

// Of is the value of a fault that meets an object: by the object's annotation,
// then its label, then the orders for it and for all. False means no fault.
func (f *Faults) Of(name string, object metav1.Object) (string, bool) {
	if value, ok := object.GetAnnotations()[FaultPrefix+name]; ok {
		return value, true
	}
	if value, ok := object.GetLabels()[FaultPrefix+name]; ok {
		return value, true
	}
	target := object.GetName()
	if object.GetNamespace() != "" {
		target = object.GetNamespace() + "/" + target
	}
	return f.On(name, target)
}

// On is the value of a fault ordered for a target by name, or for all.
func (f *Faults) On(name, target string) (string, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if value, ok := f.orders[faultKey{name, target}]; ok {
		return value, true
	}
	value, ok := f.orders[faultKey{name, "*"}]
	return value, ok
}

// Watch gives a channel that receives after every change, and the function that
// ends the watch.
func (f *Faults) Watch() (<-chan struct{}, func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	changes := make(chan struct{}, 1)
	f.waiting[changes] = struct{}{}
	return changes, func() {
		f.mu.Lock()
		defer f.mu.Unlock()
		delete(f.waiting, changes)
	}
}

func (f *Faults) tell() {
	for changes := range f.waiting {
		select {
		case changes <- struct{}{}:
		default:
		}
	}
}

func keyOf(f Fault) faultKey {
	if f.Target == "" {
		f.Target = "*"
	}
	return faultKey{f.Name, f.Target}
}
