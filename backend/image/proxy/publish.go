package proxy

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"time"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/cdi"
	"crofthci.io/croft/pkg/longhorn"
)

// ConfigMap is the config map in harvester-system that the facts are written to, and what its keys are.
const (
	ConfigMap      = "croft-upload-proxy"
	keyURL         = "url"
	keyAuthorities = "ca.crt"
	keyLonghorn    = "longhorn"
)

// lookAgain is how often is looked whether something has changed: CDI renews its authority long before it ends.
const lookAgain = 30 * time.Second

// Publisher writes the facts.
type Publisher struct {
	// Reader reads without a cache: two objects in the whole cluster are no reason to watch all config maps.
	Reader client.Reader
	// Client writes.
	Client client.Client
	// Longhorn is the URL at which the manager of Longhorn is reached, "" for its service.
	Longhorn string
}

// SetUp adds the publisher to the manager, whose leader runs it.
func (p *Publisher) SetUp(manager ctrl.Manager) error {
	return manager.Add(p)
}

// New is a publisher on the manager's clients.
func New(manager ctrl.Manager, longhornURL string) *Publisher {
	return &Publisher{Reader: manager.GetAPIReader(), Client: manager.GetClient(), Longhorn: longhornURL}
}

// Start writes the facts until the context ends.
func (p *Publisher) Start(ctx context.Context) error {
	said := ""
	wait.UntilWithContext(ctx, func(ctx context.Context) {
		err := p.publish(ctx)
		if err != nil && err.Error() != said {
			said = err.Error()
			slog.Warn("nothing can be uploaded to images", "error", err)
		}
	}, lookAgain)
	return nil
}

// publish writes the facts as they are now.
func (p *Publisher) publish(ctx context.Context) error {
	config := &cdi.Config{}
	if err := p.Reader.Get(ctx, types.NamespacedName{Name: cdi.ConfigName}, config); err != nil {
		return fmt.Errorf("read CDI's configuration: %w", err)
	}
	bundle := &corev1.ConfigMap{}
	err := p.Reader.Get(ctx, types.NamespacedName{Namespace: cdi.ProxyNamespace, Name: cdi.ProxyAuthorities}, bundle)
	if client.IgnoreNotFound(err) != nil {
		return fmt.Errorf("read the authorities of CDI's upload proxy: %w", err)
	}
	return p.write(ctx, cdi.Proxy{URL: cdi.ProxyURL(config), Authorities: []byte(bundle.Data[cdi.ProxyAuthoritiesKey])})
}

// write writes the facts where they differ from what is written.
func (p *Publisher) write(ctx context.Context, facts cdi.Proxy) error {
	written := &corev1.ConfigMap{ObjectMeta: metav1.ObjectMeta{Namespace: harvesterv1.SystemNamespace, Name: ConfigMap}}
	err := p.Reader.Get(ctx, client.ObjectKeyFromObject(written), written)
	missing := apierrors.IsNotFound(err)
	if err != nil && !missing {
		return fmt.Errorf("read %s: %w", ConfigMap, err)
	}
	if !missing && equal(Read(written), facts) && written.Data[keyLonghorn] == p.Longhorn {
		return nil
	}
	written.Data = map[string]string{keyURL: facts.URL, keyAuthorities: string(facts.Authorities), keyLonghorn: p.Longhorn}
	if missing {
		err = p.Client.Create(ctx, written)
	} else {
		err = p.Client.Update(ctx, written)
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", ConfigMap, err)
	}
	return nil
}

func equal(a, b cdi.Proxy) bool {
	return a.URL == b.URL && string(a.Authorities) == string(b.Authorities)
}

// Longhorn reads from the config map where Longhorn's manager is: at its own service, when nobody says otherwise.
func Longhorn(from *corev1.ConfigMap) longhorn.Manager {
	return longhorn.Manager{URL: cmp.Or(from.Data[keyLonghorn], longhorn.ManagerURL)}
}

// Read reads the facts about CDI from the config map.
func Read(from *corev1.ConfigMap) cdi.Proxy {
	return cdi.Proxy{URL: from.Data[keyURL], Authorities: []byte(from.Data[keyAuthorities])}
}
