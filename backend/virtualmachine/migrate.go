package virtualmachine

import (
	"context"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/backend/capability"
	"crofthci.io/croft/pkg/kubevirt"
)

// MigrateInput says where a machine is to go.
type MigrateInput struct {
	// NodeName is the node, or "" for any.
	NodeName string `json:"nodeName,omitempty"`
}

// MigratableNodes are the nodes that a machine could move to.
type MigratableNodes struct {
	// Nodes are their names.
	Nodes []string `json:"nodes"`
}

func migrate(ctx context.Context, caller capability.Caller, m Machine, input MigrateInput) error {
	options := &kubevirt.MigrateOptions{}
	if input.NodeName != "" {
		if input.NodeName == m.VMI.Status.NodeName {
			return capability.Refuse("nodeName", "The machine already runs on node %s.", input.NodeName)
		}
		at := slices.IndexFunc(m.Targets, func(target Target) bool { return target.Name == input.NodeName })
		if at < 0 {
			return capability.Refuse("nodeName", "The machine cannot run on node %s. It can on: %s.",
				input.NodeName, strings.Join(namesOf(m.Targets), ", "))
		}
		if m.Targets[at].Hostname == "" {
			return capability.Refuse("nodeName", "Node %s has no label %s, by which KubeVirt is told where to.",
				input.NodeName, corev1.LabelHostname)
		}
		options.AddedNodeSelector = map[string]string{corev1.LabelHostname: m.Targets[at].Hostname}
	}
	return kubevirt.Migrate(ctx, caller.Config, m.key(), options)
}

// abortMigration deletes the migration under way, which makes KubeVirt give it up. It is looked up as the caller: what
// the server has in memory may have ended since.
func abortMigration(ctx context.Context, caller capability.Caller, m Machine) error {
	migrations := &kubevirt.MigrationList{}
	err := caller.Client.List(ctx, migrations, client.InNamespace(m.VM.Namespace),
		client.MatchingLabels{kubevirt.MigrationOfLabel: m.VM.Name})
	if err != nil {
		return err
	}
	migration := underWay(migrations)
	if migration == nil {
		return nil // it has just ended
	}
	return client.IgnoreNotFound(caller.Client.Delete(ctx, migration))
}

func findMigratableNodes(_ context.Context, _ capability.Caller, m Machine) (MigratableNodes, error) {
	return MigratableNodes{Nodes: namesOf(m.Targets)}, nil
}
