package resilience

import (
	"errors"
	"fmt"
	"testing"
	"time"

	"crofthci.io/croft/test/e2e/stage"
	"crofthci.io/croft/test/site/site"
)

// TestANodeWithoutPower takes the power of a node away. Kubernetes notices, the
// machine is no longer ready, and nobody pretends that it runs once the node is
// back: it has failed, and KubeVirt starts it anew.
func TestANodeWithoutPower(t *testing.T) {
	s := stage.Open(t)
	const cluster, name = "site-1", "powerless"
	id := s.Site(t, cluster)
	s.Admin.MakeMachine(t, id, stage.Diskless("default", name))
	node := s.WaitState(t, id, "default", name, "Running", 2*time.Minute).Node
	of := func(kind, name, path string) string {
		out, err := s.TryKubectl(t, cluster, "", "get", kind, name, "-o", "jsonpath="+path)
		if err != nil {
			return err.Error()
		}
		return out
	}
	before := of("vmi", name, "{.metadata.uid}")
	end := s.Fault(t, cluster, site.Fault{Name: site.FaultNode, Target: node})

	stage.Eventually(t, "the node is NotReady", 2*time.Minute, func() error {
		if ready := of("node", node, `{.status.conditions[?(@.type=="Ready")].status}`); ready != "Unknown" {
			return fmt.Errorf("its condition Ready is %s", ready)
		}
		return nil
	})
	stage.Eventually(t, "the machine is not ready", time.Minute, func() error {
		if ready := of("vmi", name, `{.status.conditions[?(@.type=="Ready")].status}`); ready != "False" {
			return fmt.Errorf("its condition Ready is %s", ready)
		}
		return nil
	})

	end()
	stage.Eventually(t, "the machine is started anew", 2*time.Minute, func() error {
		if now := of("vmi", name, "{.metadata.uid}"); now == before {
			return errors.New("it is the one that lost its power: " + of("vmi", name, "{.status.phase}"))
		}
		if phase := of("vmi", name, "{.status.phase}"); phase != "Running" {
			return fmt.Errorf("it is %s", phase)
		}
		return nil
	})
	s.WaitState(t, id, "default", name, "Running", 2*time.Minute)
	s.Remove(t, id, "default", name)
}
