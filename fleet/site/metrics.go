package site

import (
	"sync"

	"github.com/prometheus/client_golang/prometheus"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	fleetv1 "crofthci.io/croft/pkg/apis/fleet/v1alpha1"
)

var (
	conditionMetric = prometheus.NewDesc("croft_fleet_site_condition", "A condition of the Site: 1 is True, 0 is False, -1 is Unknown.",
		[]string{"site", "name", "condition"}, nil)
	credentialMetric = prometheus.NewDesc("croft_fleet_site_credential_expiration_timestamp_seconds",
		"When a token or a certificate ends that the site hangs on.", []string{"site", "name", "credential"}, nil)
)

// Metrics show what the Site objects say. A nil Metrics shows nothing.
type Metrics struct {
	lock  sync.Mutex
	sites map[string]*fleetv1.Site
}

// NewMetrics makes the metrics and registers them.
func NewMetrics(registry prometheus.Registerer) (*Metrics, error) {
	m := &Metrics{sites: map[string]*fleetv1.Site{}}
	return m, registry.Register(m)
}

// Describe tells what there is.
func (m *Metrics) Describe(told chan<- *prometheus.Desc) {
	told <- conditionMetric
	told <- credentialMetric
}

// Collect tells how the sites are.
func (m *Metrics) Collect(told chan<- prometheus.Metric) {
	m.lock.Lock()
	defer m.lock.Unlock()
	for id, site := range m.sites {
		name := nameOf(site)
		for _, condition := range site.Status.Conditions {
			told <- prometheus.MustNewConstMetric(conditionMetric, prometheus.GaugeValue, numberOf(condition.Status), id, name, condition.Type)
		}
		for _, credential := range site.Status.Credentials {
			told <- prometheus.MustNewConstMetric(credentialMetric, prometheus.GaugeValue, float64(credential.ExpirationTime.Unix()), id, name, credential.Name)
		}
	}
}

func numberOf(status metav1.ConditionStatus) float64 {
	switch status {
	case metav1.ConditionTrue:
		return 1
	case metav1.ConditionFalse:
		return 0
	default:
		return -1
	}
}

// set shows a site as its object is.
func (m *Metrics) set(site *fleetv1.Site) {
	if m == nil {
		return
	}
	m.lock.Lock()
	defer m.lock.Unlock()
	m.sites[site.Name] = site.DeepCopy()
}

// forget shows a site no more.
func (m *Metrics) forget(site string) {
	if m == nil {
		return
	}
	m.lock.Lock()
	defer m.lock.Unlock()
	delete(m.sites, site)
}
