package kubevirt

import (
	"errors"
	"fmt"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	kubevirtv1 "kubevirt.io/api/core/v1"
	"sigs.k8s.io/controller-runtime/pkg/client"
	kjson "sigs.k8s.io/json"
)

// MigrationConfiguration is how KubeVirt migrates machines.
type MigrationConfiguration = kubevirtv1.MigrationConfiguration

// ParseMigrationConfiguration reads how machines are to be migrated from JSON. Where the taint and the network of
// migrations are is not part of it.
func ParseMigrationConfiguration(value string) (*MigrationConfiguration, error) {
	read := &MigrationConfiguration{}
	unknown, err := kjson.UnmarshalStrict([]byte(value), read)
	if err == nil && len(unknown) > 0 {
		err = unknown[0]
	}
	if err != nil {
		return nil, fmt.Errorf("cannot be understood: %w", err)
	}
	if read.NodeDrainTaintKey != nil || read.Network != nil || read.UtilityVolumesTimeout != nil {
		return nil, errors.New("must not have nodeDrainTaintKey, network or utilityVolumesTimeout")
	}
	return read, wrong(read)
}

// wrong says which number KubeVirt could not work with.
func wrong(c *MigrationConfiguration) error {
	switch {
	case isZero(c.ParallelMigrationsPerCluster) || isZero(c.ParallelOutboundMigrationsPerNode):
		return errors.New("parallelMigrationsPerCluster and parallelOutboundMigrationsPerNode must be at least 1")
	case c.ParallelMigrationsPerCluster != nil && c.ParallelOutboundMigrationsPerNode != nil &&
		*c.ParallelMigrationsPerCluster < *c.ParallelOutboundMigrationsPerNode:
		return errors.New("parallelMigrationsPerCluster must be at least parallelOutboundMigrationsPerNode")
	case c.BandwidthPerMigration != nil && c.BandwidthPerMigration.Sign() < 0:
		return errors.New("bandwidthPerMigration must not be negative; 0 is without limit")
	case isNegative(c.CompletionTimeoutPerGiB) || isNegative(c.ProgressTimeout):
		return errors.New("completionTimeoutPerGiB and progressTimeout must be at least 1 second")
	default:
		return nil
	}
}

func isZero(number *uint32) bool { return number != nil && *number == 0 }

func isNegative(number *int64) bool { return number != nil && *number < 1 }

// Configured is what server-side apply is to make of an installation: how it migrates, and nothing else. Nil takes back
// what was applied before.
func Configured(installation client.ObjectKey, migrations *MigrationConfiguration) (runtime.ApplyConfiguration, error) {
	spec := map[string]any{}
	if migrations != nil {
		fields, err := runtime.DefaultUnstructuredConverter.ToUnstructured(migrations)
		if err != nil {
			return nil, fmt.Errorf("encode how machines are migrated: %w", err)
		}
		spec["configuration"] = map[string]any{"migrations": fields}
	}
	object := &unstructured.Unstructured{Object: map[string]any{"spec": spec}}
	object.SetGroupVersionKind(KubeVirtKind)
	object.SetNamespace(installation.Namespace)
	object.SetName(installation.Name)
	return client.ApplyConfigurationFromUnstructured(object), nil
}
