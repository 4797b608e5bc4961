package guestcluster

import (
	"strings"
	"testing"

	"crofthci.io/croft/test/e2e/stage"
)

const namespace = "default"

// refusal is what a form says at a field, and whether the field's input is described by it.
type refusal struct {
	Said      string
	Described bool
}

// fit is how many machines the form says that fit.
type fit struct {
	Count int
	Said  string
}

// TestForms makes a credential and a cluster of one pool by Rancher's own pages with Croft's forms in them. What is wrong is
// said at its field and holds the button; how many machines fit follows the size. What the forms wrote is then looked for.
func TestForms(t *testing.T) {
	s := stage.Open(t)
	id := s.Site(t, "site-1")
	const image, class, network, cluster = "guest-node", "guest-disks", "guest-wire", "guest-forms"
	s.MakeImage(t, id, image, s.Images+"/"+stage.Tiny, nil)
	classes := stage.OfSite(id, "storage.k8s.io.storageclasses")
	s.Admin.Must(t, "POST", classes, map[string]any{
		"apiVersion": "storage.k8s.io/v1", "kind": "StorageClass", "metadata": map[string]any{"name": class}, "provisioner": "test.croft.io/none",
	}, nil)
	t.Cleanup(func() { s.Delete(t, classes+"/"+class) })
	networks := stage.OfSite(id, "k8s.cni.cncf.io.network-attachment-definitions")
	s.Admin.Must(t, "POST", networks, map[string]any{
		"apiVersion": "k8s.cni.cncf.io/v1", "kind": "NetworkAttachmentDefinition", "metadata": map[string]any{"namespace": namespace, "name": network},
		"spec": map[string]any{"config": `{"cniVersion":"0.3.1","type":"bridge","bridge":"guest","name":"guest-wire"}`},
	}, nil)
	wire := networks + "/" + namespace + "/" + network
	t.Cleanup(func() { s.Delete(t, wire) })

	page := s.Open(t, map[string]string{
		"CROFT_SITE": "site-1", "CROFT_IMAGE": image, "CROFT_CLASS": class, "CROFT_NETWORK": namespace + "/" + network, "CROFT_CLUSTER": cluster,
	}, "guest.mjs")
	var credential struct{ Kubeconfig refusal }
	page.Sees(t, &credential)
	if !credential.Kubeconfig.Described || !strings.Contains(credential.Kubeconfig.Said, "no kubeconfig") {
		t.Errorf("half a kubeconfig: %+v", credential.Kubeconfig)
	}
	page.GoOn(t)

	var machines struct {
		Many, Fewer fit
		Image, CPU  refusal
		Held        bool
	}
	page.Sees(t, &machines)
	if machines.Fewer.Count <= 0 || machines.Fewer.Count >= machines.Many.Count || !strings.Contains(machines.Fewer.Said, "site-1-node-1") {
		t.Errorf("larger machines are fewer, and nodes are named: %+v, then %+v", machines.Many, machines.Fewer)
	}
	if !machines.CPU.Described || !machines.Held || !strings.Contains(machines.Image.Said, "boots from an image") {
		t.Errorf("no image and no processor: %+v", machines)
	}
	page.GoOn(t)

	var made struct{ Counts string }
	page.Sees(t, &made)
	if !strings.Contains(made.Counts, "0 of 1 nodes") {
		t.Errorf("a cluster whose node nobody makes here: %+v", made)
	}
	written(t, s, id, cluster, image)

	quotas := stage.OfSite(id, "resourcequotas")
	s.Admin.Must(t, "POST", quotas, map[string]any{
		"apiVersion": "v1", "kind": "ResourceQuota", "metadata": map[string]any{"namespace": namespace, "name": cluster},
		"spec": map[string]any{"hard": map[string]any{"limits.cpu": "1"}},
	}, nil)
	t.Cleanup(func() { s.Delete(t, quotas+"/"+namespace+"/"+cluster) })
	s.Delete(t, classes+"/"+class)
	s.Delete(t, wire)
	page.GoOn(t)

	var lacks struct {
		Storage, Network refusal
		None             fit
	}
	page.Sees(t, &lacks)
	if !strings.Contains(lacks.Storage.Said, "no storage class "+class) || !strings.Contains(lacks.Network.Said, "no network "+namespace+"/"+network) {
		t.Errorf("a class and a network that are gone: %+v", lacks)
	}
	if lacks.None.Count != 0 || !strings.Contains(lacks.None.Said, "limits.cpu") {
		t.Errorf("a quota without room for a machine: %+v", lacks.None)
	}
	page.GoOn(t)
}

// written looks for what the forms wrote: the credential without its secret, the pool's machines, and the cluster that names both.
func written(t *testing.T, s *stage.Stage, site, name, image string) {
	t.Helper()
	var cluster struct {
		Spec struct {
			CloudCredentialSecretName string
			RKEConfig                 struct {
				MachinePools []struct{ MachineConfigRef struct{ Kind, Name string } }
			}
		}
	}
	const clusters = "/v1/provisioning.cattle.io.clusters/fleet-default/"
	s.Admin.Must(t, "GET", clusters+name, nil, &cluster)
	pools := cluster.Spec.RKEConfig.MachinePools
	if len(pools) != 1 || pools[0].MachineConfigRef.Kind != "CroftConfig" {
		t.Fatalf("a pool of Croft's machines: %+v", cluster)
	}
	t.Cleanup(func() { s.Delete(t, clusters+name) })

	var config struct{ CPUCount, VMNamespace, DiskInfo, ClusterName string }
	s.Admin.Must(t, "GET", "/v1/rke-machine-config.cattle.io.croftconfigs/fleet-default/"+pools[0].MachineConfigRef.Name, nil, &config)
	if config.CPUCount != "3" || config.VMNamespace != namespace || config.ClusterName != name || !strings.Contains(config.DiskInfo, image) {
		t.Errorf("the machines: %+v", config)
	}

	credential := "/v3/cloudcredentials/" + cluster.Spec.CloudCredentialSecretName
	var kept struct {
		CroftcredentialConfig map[string]string
	}
	s.Admin.Must(t, "GET", credential, nil, &kept)
	if kept.CroftcredentialConfig["clusterId"] != site || kept.CroftcredentialConfig["kubeconfigContent"] != "" {
		t.Errorf("the credential: %+v", kept)
	}
	t.Cleanup(func() { s.Delete(t, credential) })
}
