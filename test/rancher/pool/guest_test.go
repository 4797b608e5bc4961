package pool

import (
	"context"
	"fmt"
	"time"

	authenticationv1 "k8s.io/api/authentication/v1"
	corev1 "k8s.io/api/core/v1"
	rbacv1 "k8s.io/api/rbac/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/pkg/kubevirt"
)

// furnish makes what the pool needs: its namespace and image, the credential for them, the cluster and the control plane that
// say they are there, and how Cluster API reaches the guest cluster.
func (p *pool) furnish(image string, site, guest *rest.Config) {
	p.Helper()
	meta := metav1.ObjectMeta{Namespace: namespace, Name: "node-driver"}
	account := &corev1.ServiceAccount{ObjectMeta: meta}
	tiny := named("harvesterhci.io/v1beta1", "VirtualMachineImage", "tiny")
	tiny.Object["spec"] = map[string]any{"displayName": "tiny", "sourceType": "download", "url": image}
	control := named("rke.cattle.io/v1", "RKEControlPlane", "blue")
	control.Object["spec"] = map[string]any{}
	infra := named("rke.cattle.io/v1", "RKECluster", "blue")
	infra.Object["spec"] = map[string]any{}
	made(p, p.site, &corev1.Namespace{ObjectMeta: metav1.ObjectMeta{Name: namespace}}, account,
		&rbacv1.RoleBinding{
			ObjectMeta: meta, RoleRef: rbacv1.RoleRef{APIGroup: rbacv1.GroupName, Kind: "ClusterRole", Name: "harvesterhci.io:node-driver"},
			Subjects: []rbacv1.Subject{{Kind: rbacv1.ServiceAccountKind, Namespace: namespace, Name: meta.Name}},
		}, control, infra)
	// On a busy machine the site's webhooks may not answer at once.
	p.until("the image is asked for", func() bool { return p.site.Create(p.Context(), tiny) == nil || p.get(tiny) == nil })
	p.until("the image is there", func() bool {
		progress, _, _ := unstructured.NestedInt64(tiny.Object, "status", "progress")
		return p.get(tiny) == nil && progress == 100
	})
	control.Object["status"] = map[string]any{
		"externalManagedControlPlane": true, "initialization": map[string]any{"controlPlaneInitialized": true},
	}
	infra.Object["status"] = map[string]any{"initialization": map[string]any{"provisioned": true}}
	for _, there := range []*unstructured.Unstructured{control, infra} {
		if err := p.site.Status().Update(p.Context(), there); err != nil {
			p.Fatal(err)
		}
	}
	request := &authenticationv1.TokenRequest{}
	if err := p.site.SubResource("token").Create(p.Context(), account, request); err != nil {
		p.Fatal(err)
	}
	config := rest.AnonymousClientConfig(site)
	config.BearerToken = request.Status.Token
	p.credential, p.asGuest = kubeconfigOf(p, config, namespace), reach(p.T, config)
	made(p, p.site,
		secretOf("machine-driver", nil, corev1.SecretTypeOpaque, map[string]string{"CROFT_KUBECONFIG_CONTENT": p.credential}),
		secretOf("blue-bootstrap", nil, "rke.cattle.io/bootstrap", map[string]string{"value": "#!/bin/sh\n"}),
		secretOf("blue-kubeconfig", map[string]string{"cluster.x-k8s.io/cluster-name": "blue"}, "cluster.x-k8s.io/secret",
			map[string]string{"value": kubeconfigOf(p, guest, "default")}))
	made(p, p.guest, &corev1.ServiceAccount{ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "default"}})
}

func kubeconfigOf(p *pool, config *rest.Config, namespace string) string {
	p.Helper()
	if err := rest.LoadTLSFiles(config); err != nil {
		p.Fatal(err)
	}
	kubeconfig := clientcmdapi.NewConfig()
	kubeconfig.Clusters["site-1"] = &clientcmdapi.Cluster{Server: config.Host, CertificateAuthorityData: config.CAData}
	kubeconfig.AuthInfos["site-1"] = &clientcmdapi.AuthInfo{Token: config.BearerToken}
	kubeconfig.Contexts["site-1"] = &clientcmdapi.Context{Cluster: "site-1", AuthInfo: "site-1", Namespace: namespace}
	kubeconfig.CurrentContext = "site-1"
	text, err := clientcmd.Write(*kubeconfig)
	if err != nil {
		p.Fatal(err)
	}
	return string(text)
}

// providerOf is how the guest's node names its machine.
func providerOf(machine string) string { return "harvester://" + namespace + "/" + machine }

// joins is RKE2's part: the node of a machine that runs, with all that its kubelet says of it.
func (p *pool) joins(ctx context.Context, machine string) error {
	node := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: machine}, Spec: corev1.NodeSpec{ProviderID: providerOf(machine)}}
	if err := p.guest.Create(ctx, node); err != nil && !apierrors.IsAlreadyExists(err) {
		return err
	}
	if err := p.guest.Get(ctx, client.ObjectKeyFromObject(node), node); err != nil {
		return err
	}
	now := metav1.Now()
	node.Status.Conditions = []corev1.NodeCondition{{
		Type: corev1.NodeReady, Status: corev1.ConditionTrue, Reason: "KubeletReady", LastTransitionTime: now, LastHeartbeatTime: now,
	}}
	for _, pressure := range []corev1.NodeConditionType{corev1.NodeMemoryPressure, corev1.NodeDiskPressure, corev1.NodePIDPressure} {
		node.Status.Conditions = append(node.Status.Conditions, corev1.NodeCondition{
			Type: pressure, Status: corev1.ConditionFalse, Reason: "KubeletHasEnough", LastTransitionTime: now, LastHeartbeatTime: now,
		})
	}
	return p.guest.Status().Update(ctx, node)
}

// cloudProvider is the guest's cloud provider, with the credential of the namespace: a node whose machine is not there any
// more is removed.
func (p *pool) cloudProvider(ctx context.Context) error {
	for _, node := range p.nodes() {
		vm := &kubevirt.VirtualMachine{}
		err := p.asGuest.Get(ctx, client.ObjectKey{Namespace: namespace, Name: node.Name}, vm)
		if !apierrors.IsNotFound(err) {
			if err != nil {
				return fmt.Errorf("the credential: %w", err)
			}
			continue
		}
		if err := p.guest.Delete(ctx, &node); client.IgnoreNotFound(err) != nil {
			return err
		}
	}
	return nil
}

// guestKubelet ends work that has been asked to end, when it is over.
func (p *pool) guestKubelet(ctx context.Context) error {
	pods := &corev1.PodList{}
	if err := p.guest.List(ctx, pods); err != nil {
		return err
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	for i := range pods.Items {
		pod := &pods.Items[i]
		if pod.DeletionTimestamp == nil {
			continue
		}
		since, asked := p.working[pod.UID]
		if !asked {
			p.working[pod.UID] = time.Now()
		}
		if asked && time.Since(since) >= p.lasts {
			if err := p.guest.Delete(ctx, pod, client.GracePeriodSeconds(0)); client.IgnoreNotFound(err) != nil {
				return err
			}
		}
	}
	return nil
}

// work is a pod of a node that takes so long to end.
func (p *pool) work(node string, lasts time.Duration) *corev1.Pod {
	p.Helper()
	p.mu.Lock()
	p.lasts = lasts
	p.mu.Unlock()
	seconds := int64(60)
	pod := &corev1.Pod{
		ObjectMeta: metav1.ObjectMeta{Namespace: "default", Name: "work"},
		Spec: corev1.PodSpec{
			NodeName: node, TerminationGracePeriodSeconds: &seconds, Containers: []corev1.Container{{Name: "work", Image: "example.org/work"}},
		},
	}
	made(p, p.guest, pod)
	pod.Status.Phase = corev1.PodRunning
	if err := p.guest.Status().Update(p.Context(), pod); err != nil {
		p.Fatal(err)
	}
	return pod
}

// inGuest reads an object of the guest cluster.
func (p *pool) inGuest(object client.Object) error {
	return p.guest.Get(p.Context(), client.ObjectKeyFromObject(object), object)
}

// nodes are the guest's.
func (p *pool) nodes() []corev1.Node {
	list := &corev1.NodeList{}
	if err := p.guest.List(p.Context(), list); err != nil {
		return nil
	}
	return list.Items
}

// node is the guest's node of a machine, nil for none.
func (p *pool) node(machine string) *corev1.Node {
	node := &corev1.Node{ObjectMeta: metav1.ObjectMeta{Name: machine}}
	if p.inGuest(node) != nil {
		return nil
	}
	return node
}
