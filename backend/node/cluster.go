package node

import (
	"context"
	"maps"
	"net/http"
	"slices"

	corev1 "k8s.io/api/core/v1"

	"crofthci.io/croft/backend/capability"
	"crofthci.io/croft/pkg/kubevirt"
)

// Routes are what is told of the site as a whole.
var Routes = []capability.Route{
	capability.At(http.MethodGet, "cluster/local", cluster).
		Explained("Tells of the site as a whole; with link=deviceCapacity how many devices are free, with link=machineTypes which machine types there are."),
}

// Local is the site as Harvester's clients see it: one cluster, which is always the local one.
type Local struct {
	// ID is local.
	ID string `json:"id"`
	// Type is cluster.
	Type string `json:"type"`
	// Links are where more is told.
	Links map[string]string `json:"links"`
}

// The links of a site.
const (
	deviceCapacity = "deviceCapacity"
	machineTypes   = "machineTypes"
)

func cluster(ctx context.Context, caller capability.Caller, call capability.Call, _ struct{}) (any, error) {
	link := call.Option("link")
	if link == "" {
		self := "https://" + call.Host + "/v1/harvester/cluster/local"
		return Local{ID: "local", Type: "cluster", Links: map[string]string{
			"self": self, deviceCapacity: self + "?link=" + deviceCapacity, machineTypes: self + "?link=" + machineTypes,
		}}, nil
	}
	all := &corev1.NodeList{}
	if err := caller.Client.List(ctx, all); err != nil {
		return nil, err
	}
	switch link {
	case machineTypes:
		return typesOf(all.Items), nil
	case deviceCapacity:
		// Who may see the nodes may know how many of their devices are taken, but not by whom.
		instances := &kubevirt.VirtualMachineInstanceList{}
		if err := caller.View.Facts.List(ctx, instances); err != nil {
			return nil, err
		}
		return free(all.Items, instances.Items), nil
	default:
		return nil, capability.Refuse("link", "There is no link %s here. There is: %s, %s.", link, deviceCapacity, machineTypes)
	}
}

// types are the machine types by the architecture of the nodes.
var types = map[string]string{"amd64": "q35", "arm64": "virt", "s390x": "s390-ccw-virtio"}

func typesOf(all []corev1.Node) []string {
	found := map[string]bool{}
	for i := range all {
		if kind, known := types[all[i].Labels[corev1.LabelArchStable]]; known {
			found[kind] = true
		}
	}
	return slices.Sorted(maps.Keys(found))
}

// free is the number of free devices of each resource name: what the nodes have less what running machines use.
func free(all []corev1.Node, instances []kubevirt.VirtualMachineInstance) map[string]int64 {
	left := map[string]int64{}
	for i := range all {
		for name, number := range all[i].Status.Allocatable {
			if kubevirt.IsDevice(name) {
				left[string(name)] += number.Value()
			}
		}
	}
	for i := range instances {
		if !kubevirt.Active(&instances[i]) {
			continue
		}
		for _, name := range kubevirt.DevicesOf(&instances[i]) {
			if _, there := left[string(name)]; there {
				left[string(name)]--
			}
		}
	}
	return left
}
