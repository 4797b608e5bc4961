package node

import (
	"net/http"

	corev1 "k8s.io/api/core/v1"

	"crofthci.io/croft/backend/capability"
)

// nodes is the resource of nodes, as it stands in RBAC rules.
const nodes = "nodes"

// Actions are what can be done with a node, in the order the menu shows them.
var Actions = []capability.Action{
	capability.On("cordon", unlessOpen, cordon).
		Needs("patch", corev1.SchemeGroupVersion, nodes).
		Explained("Lets no new machine come to the node; those that are there stay."),
	capability.On("uncordon", unlessCordoned, uncordon).
		Needs("patch", corev1.SchemeGroupVersion, nodes).
		Explained("Lets machines come to the node again."),
	capability.On("maintenancePossible", always, maintenancePossible).
		Needs("get", corev1.SchemeGroupVersion, nodes).
		Explained("Answers whether the node can go into maintenance: 204, or 409 with the reason."),
	capability.Ask("listUnhealthyVM", always, listUnhealthy).
		Needs("get", corev1.SchemeGroupVersion, nodes).
		Explained("Answers with the machines that a maintenance of the node would harm, by reason."),
	capability.With("enableMaintenanceMode", unlessInService, enableMaintenance).
		Needs("patch", corev1.SchemeGroupVersion, nodes).
		Explained("Moves the machines of the node away, or shuts them down as they ask for it; with force also those that cannot be moved."),
	capability.On("disableMaintenanceMode", unlessInMaintenance, disableMaintenance).
		Needs("patch", corev1.SchemeGroupVersion, nodes).
		Explained("Ends the maintenance, and starts the machines that wait for its end."),
	capability.On("enableCPUManager", unlessPinnable, nothing).
		Needs("patch", corev1.SchemeGroupVersion, nodes).
		Explained("Lets machines have processors of the node for themselves. Only the cluster's distribution can do it.").Always(http.StatusConflict),
	capability.On("disableCPUManager", unlessUnpinnable, nothing).
		Needs("patch", corev1.SchemeGroupVersion, nodes).
		Explained("Has machines share the processors of the node. Only the cluster's distribution can do it.").Always(http.StatusConflict),
	capability.With("powerAction", unlessPowered, powerAction).
		Needs("patch", corev1.SchemeGroupVersion, nodes).
		Explained("Switches the node's hardware on or off, or restarts it, by its management controller. Not in this release.").Always(http.StatusConflict),
	capability.On("powerActionPossible", always, powerPossible).
		Needs("get", corev1.SchemeGroupVersion, nodes).
		Explained("Answers whether the node's hardware can be switched: nothing at a site does it in this release.").Always(http.StatusFailedDependency),
}
