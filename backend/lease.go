package main

import (
	"fmt"

	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/leaderelection/resourcelock"
)

// lease is the lease that the leader holds, nil for one under a name of chance. A process that is started again under its
// old name, as a container is in its pod, takes its own lease up at once; under another name it would wait until the lease
// has ended, and who is killed again and again would never lead.
func (c manageCommand) lease(config *rest.Config) (resourcelock.Interface, error) {
	if c.Identity == "" || !c.LeaderElect {
		return nil, nil
	}
	clients, err := kubernetes.NewForConfig(config)
	if err != nil {
		return nil, fmt.Errorf("reach the lease: %w", err)
	}
	lock, err := resourcelock.New(resourcelock.LeasesResourceLock, c.Namespace, leaseName,
		clients.CoreV1(), clients.CoordinationV1(), resourcelock.ResourceLockConfig{Identity: c.Identity})
	if err != nil {
		return nil, fmt.Errorf("make the lease: %w", err)
	}
	return lock, nil
}
