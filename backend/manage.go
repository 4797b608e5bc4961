package main

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"

	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/kubernetes/scheme"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/healthz"
	"sigs.k8s.io/controller-runtime/pkg/manager"
	"sigs.k8s.io/controller-runtime/pkg/metrics/filters"
	"sigs.k8s.io/controller-runtime/pkg/metrics/server"
	"sigs.k8s.io/controller-runtime/pkg/webhook"

	configadmission "crofthci.io/croft/backend/cloudconfig/admission"
	imageadmission "crofthci.io/croft/backend/image/admission"
	"crofthci.io/croft/backend/image/deliver"
	"crofthci.io/croft/backend/image/fill"
	"crofthci.io/croft/backend/image/proxy"
	"crofthci.io/croft/backend/image/relay"
	keyadmission "crofthci.io/croft/backend/keypair/admission"
	"crofthci.io/croft/backend/keypair/validate"
	nodeadmission "crofthci.io/croft/backend/node/admission"
	"crofthci.io/croft/backend/node/maintain"
	"crofthci.io/croft/backend/node/mark"
	"crofthci.io/croft/backend/node/reset"
	quotaadmission "crofthci.io/croft/backend/quota/admission"
	"crofthci.io/croft/backend/quota/count"
	"crofthci.io/croft/backend/quota/halt"
	"crofthci.io/croft/backend/quota/scale"
	settingadmission "crofthci.io/croft/backend/setting/admission"
	"crofthci.io/croft/backend/setting/configure"
	"crofthci.io/croft/backend/setting/defaultclass"
	"crofthci.io/croft/backend/setting/entrust"
	"crofthci.io/croft/backend/setting/importproxy"
	"crofthci.io/croft/backend/setting/migration"
	"crofthci.io/croft/backend/setting/registration"
	classadmission "crofthci.io/croft/backend/storageclass/admission"
	"crofthci.io/croft/backend/storageclass/profile"
	templateadmission "crofthci.io/croft/backend/template/admission"
	"crofthci.io/croft/backend/template/choose"
	"crofthci.io/croft/backend/template/furnish"
	"crofthci.io/croft/backend/template/number"
	machineadmission "crofthci.io/croft/backend/virtualmachine/admission"
	"crofthci.io/croft/backend/virtualmachine/announce"
	"crofthci.io/croft/backend/virtualmachine/claim"
	"crofthci.io/croft/backend/virtualmachine/move"
	"crofthci.io/croft/backend/virtualmachine/place"
	volumeadmission "crofthci.io/croft/backend/volume/admission"
	volumefill "crofthci.io/croft/backend/volume/fill"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/cdi"
	"crofthci.io/croft/pkg/csi"
	"crofthci.io/croft/pkg/kubevirt"
	"crofthci.io/croft/pkg/longhorn"
)

// manageCommand runs the controllers and admission webhooks of a site.
type manageCommand struct {
	Kubeconfig      string   `env:"KUBECONFIG" help:"Access to the cluster. In a pod, the pod's own." placeholder:"FILE" type:"path"`
	WebhookListen   string   `default:"127.0.0.1:9443" help:"Where the webhooks are served over TLS." placeholder:"ADDRESS"`
	WebhookCertDir  string   `help:"Folder with tls.crt and tls.key of the webhooks; read again when they change." placeholder:"DIR" required:"" type:"path"`
	HealthListen    string   `default:"127.0.0.1:9440" help:"Where /healthz and /readyz are served." placeholder:"ADDRESS"`
	MetricsListen   string   `default:"0" help:"Where /metrics is served over TLS, to whom the cluster allows to get it; 0 serves none." placeholder:"ADDRESS"`
	LeaderElect     bool     `default:"true" help:"Run the controllers of one process at a time. Webhooks are served by every process." negatable:""`
	Identity        string   `env:"POD_NAME" help:"Name in the leader's lease, which no other process has at the same time. In a pod, the pod's own." placeholder:"NAME"`
	Namespace       string   `default:"harvester-system" env:"POD_NAMESPACE" help:"Namespace of the leader's lease."`
	ServerVersion   string   `default:"${serverVersion}" help:"The Harvester release that clients are told; they switch features on by it."`
	Agents          []string `help:"Users who write machines that others have asked for, such as KubeVirt's controllers: what everybody may do counts for them." name:"agent" placeholder:"USER" sep:"none"`
	ImageSize       string   `default:"10Gi" help:"Size of the volume for an image whose file does not tell the size of the disk inside." placeholder:"QUANTITY"`
	MarkNodes       bool     `default:"true" help:"Label the nodes as Harvester's, by which Rancher knows the site." negatable:""`
	LonghornURL     string   `help:"Where the manager of Longhorn is reached, which takes and gives the bytes of backing images. Empty: at its service." name:"longhorn-url" placeholder:"URL"`
	TargetNamespace string   `help:"Namespace of the secret for the credentials of the setting backup-target. Empty: that of the leader's lease." placeholder:"NAME"`
	RelayListen     string   `default:"0" help:"Where files that a source breaks off are handed on to importers, over HTTP; 0 hands on none." placeholder:"ADDRESS"`
	RelayURL        string   `help:"Where importers reach --relay-listen. Empty: they fetch from sources alone." name:"relay-url" placeholder:"URL"`
	LoopbackImages  bool     `help:"Let images be fetched from this machine's loopback addresses, which only the server itself can reach. For sandboxes."`
}

// leaseName is the lease that the leader holds.
const leaseName = "croft-backend-manage"

// part is one thing that manage runs.
type part struct {
	name  string
	setUp func(to ctrl.Manager) error
}

// parts are everything that manage runs, in the order a person would tell it.
func (c manageCommand) parts(to ctrl.Manager, imageSize resource.Quantity) []part {
	targets := cmp.Or(c.TargetNamespace, c.Namespace)
	return []part{
		{"settings", (&configure.Defaults{Client: to.GetClient(), ServerVersion: c.ServerVersion}).SetUp},
		{"setting conditions", configure.New(to).SetUp},
		{"credentials of the backup target", entrust.New(to, targets).SetUp},
		{"setting webhook", settingadmission.Webhook{ServerVersion: c.ServerVersion, TargetNamespace: targets}.SetUp},
		{"key fingerprints", validate.New(to).SetUp},
		{"key webhook", keyadmission.SetUp},
		{"cloud-config webhook", configadmission.SetUp},
		{"image bytes", fill.New(to, fill.Options{FallbackSize: imageSize, Loopback: c.LoopbackImages, Relay: c.RelayURL}).SetUp},
		{"relay of images over bad links", relay.SetUp(c.RelayListen, c.LoopbackImages)},
		{"image downloads", deliver.New(to).SetUp},
		{"upload proxy", proxy.New(to, c.LonghornURL).SetUp},
		{"image webhooks", imageadmission.SetUp},
		{"template numbers", number.New(to).SetUp},
		{"template defaults", choose.New(to).SetUp},
		{"template webhooks", templateadmission.SetUp},
		{"templates of a new site", (&furnish.Templates{Client: to.GetClient()}).SetUp},
		{"machine volumes", claim.New(to).SetUp},
		{"moves of machine volumes", move.New(to).SetUp},
		{"machines that migrate", announce.New(to).SetUp},
		{"places of guest clusters' nodes", place.New(to).SetUp},
		{"volumes of images", volumefill.New(to).SetUp},
		{"empty disks in file systems", volumefill.NewBlanks(to).SetUp},
		{"what remains of volumes", volumefill.NewRemains(to).SetUp},
		{"volume webhooks", volumeadmission.Webhooks{Agents: c.Agents}.SetUp},
		{"storage profiles", profile.New(to).SetUp},
		{"storage class webhook", classadmission.SetUp},
		{"default storage class", defaultclass.New(to).SetUp},
		{"migration of machines", migration.New(to).SetUp},
		{"proxies of image downloads", importproxy.New(to).SetUp},
		{"registration in Rancher", registration.New(to).SetUp},
		{"machines of lost nodes", reset.New(to).SetUp},
		{"node marks", mark.New(to, c.MarkNodes).SetUp},
		{"node maintenance", maintain.New(to).SetUp},
		{"node webhook", nodeadmission.SetUp},
		{"use of quotas", count.New(to).SetUp},
		{"quotas of machines that move", scale.New(to).SetUp},
		{"machines without room", halt.New(to).SetUp},
		{"quota webhooks", quotaadmission.SetUp},
		{"machine webhooks", machineadmission.Webhooks{Agents: c.Agents}.SetUp},
	}
}

// Run manages until the context ends.
func (c manageCommand) Run(ctx context.Context) error {
	imageSize, err := resource.ParseQuantity(c.ImageSize)
	if err != nil {
		return fmt.Errorf("read --image-size: %w", err)
	}
	to, err := c.manager()
	if err != nil {
		return err
	}
	for _, part := range c.parts(to, imageSize) {
		if err := part.setUp(to); err != nil {
			return fmt.Errorf("set up %s: %w", part.name, err)
		}
	}
	go followLogLevel(ctx, to.GetConfig())
	slog.Info("managing", "webhooks", c.WebhookListen, "health", c.HealthListen)
	if err := to.Start(ctx); err != nil {
		return fmt.Errorf("manage the site: %w", err)
	}
	return nil
}

// manager is what the parts run on.
func (c manageCommand) manager() (manager.Manager, error) {
	config, err := restConfig(c.Kubeconfig)
	if err != nil {
		return nil, err
	}
	kinds := runtime.NewScheme()
	known := runtime.SchemeBuilder{
		scheme.AddToScheme, harvesterv1.AddToScheme, kubevirt.AddToScheme, cdi.AddToScheme, csi.AddToScheme, longhorn.AddToScheme,
	}
	if err := known.AddToScheme(kinds); err != nil {
		return nil, fmt.Errorf("learn the kinds: %w", err)
	}
	webhooks, err := c.webhooks()
	if err != nil {
		return nil, err
	}
	lease, err := c.lease(config)
	if err != nil {
		return nil, err
	}
	to, err := ctrl.NewManager(config, ctrl.Options{
		Scheme:                 kinds,
		WebhookServer:          webhooks,
		HealthProbeBindAddress: c.HealthListen,
		Metrics: server.Options{
			BindAddress: c.MetricsListen, SecureServing: true, FilterProvider: filters.WithAuthenticationAndAuthorization,
		},
		LeaderElection:                c.LeaderElect,
		LeaderElectionID:              leaseName,
		LeaderElectionNamespace:       c.Namespace,
		LeaderElectionReleaseOnCancel: true,
		// Takes the place of the lease of the two lines above, when this process has a name.
		LeaderElectionResourceLockInterface: lease,
	})
	if err != nil {
		return nil, fmt.Errorf("make a manager: %w", err)
	}
	if err := to.AddHealthzCheck("ping", healthz.Ping); err != nil {
		return nil, fmt.Errorf("add health check: %w", err)
	}
	if err := to.AddReadyzCheck("webhooks", webhooks.StartedChecker()); err != nil {
		return nil, fmt.Errorf("add readiness check: %w", err)
	}
	return to, nil
}

// webhooks is the server of the webhooks.
func (c manageCommand) webhooks() (webhook.Server, error) {
	host, port, err := hostPort(c.WebhookListen)
	if err != nil {
		return nil, fmt.Errorf("read --webhook-listen: %w", err)
	}
	return webhook.NewServer(webhook.Options{Host: host, Port: port, CertDir: c.WebhookCertDir}), nil
}
