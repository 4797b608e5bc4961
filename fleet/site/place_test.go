package site

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	fleetv1 "crofthci.io/croft/pkg/apis/fleet/v1alpha1"
	"crofthci.io/croft/pkg/rancher/management"
)

func TestLabel(t *testing.T) {
	type labels = map[string]string
	cases := map[string]struct {
		reason                string
		site, cluster, copied string
		labels, on, want      labels
	}{
		"New":       {reason: "people's labels and the place are copied, machinery is not", on: labels{"region": "eu", "env": "prod", "topology.kubernetes.io/region": "eu-1", "example.com/team": "a", "provider.cattle.io": "harvester", "objectset.rio.cattle.io/hash": "x", "app.kubernetes.io/name": "x"}, want: labels{"region": "eu", "env": "prod", "topology.kubernetes.io/region": "eu-1", "example.com/team": "a"}},
		"Own":       {reason: "what somebody wrote on the Site stays", labels: labels{"own": "1"}, on: labels{"region": "eu"}, want: labels{"own": "1", "region": "eu"}},
		"Changed":   {reason: "the cluster's value wins over one that was copied", copied: "region", labels: labels{"region": "us"}, on: labels{"region": "eu"}, want: labels{"region": "eu"}},
		"Gone":      {reason: "a copied label goes with the cluster's", copied: "env,region", labels: labels{"region": "eu", "env": "x", "own": "1"}, on: labels{"env": "x"}, want: labels{"env": "x", "own": "1"}},
		"AllGone":   {reason: "also the last", copied: "region", labels: labels{"region": "eu", "own": "1"}, want: labels{"own": "1"}},
		"Untouched": {reason: "where nothing is to be copied nothing is written", labels: labels{"own": "1"}, want: labels{"own": "1"}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			site := &fleetv1.Site{ObjectMeta: metav1.ObjectMeta{Labels: tc.labels}}
			if tc.copied != "" {
				site.Annotations = map[string]string{fleetv1.AnnotationCopiedLabels: tc.copied}
			}
			cluster := &management.Cluster{ObjectMeta: metav1.ObjectMeta{Labels: tc.on}}
			for range 2 { // the second time changes nothing
				label(site, cluster)
				if diff := cmp.Diff(tc.want, site.Labels); diff != "" {
					t.Errorf("%s: (-want +got)\n%s", tc.reason, diff)
				}
			}
		})
	}
}

func TestLocationOf(t *testing.T) {
	berlin := &fleetv1.Location{Name: "Berlin", Latitude: "52.52", Longitude: "13.405"}
	cases := map[string]struct {
		reason string
		spec   *fleetv1.Location
		on     map[string]string
		want   *fleetv1.Location
	}{
		"None":      {"nobody said", nil, nil, nil},
		"Cluster":   {"the cluster says", nil, map[string]string{"crofthci.io/latitude": " 52.520 ", "crofthci.io/longitude": "13.405", "crofthci.io/location": "Berlin"}, berlin},
		"Spec":      {"the Site's own word comes first", &fleetv1.Location{Name: "Here"}, map[string]string{"crofthci.io/location": "Berlin"}, &fleetv1.Location{Name: "Here"}},
		"NameAlone": {"a name is enough for lists", nil, map[string]string{"crofthci.io/location": "Berlin"}, &fleetv1.Location{Name: "Berlin"}},
		"Half":      {"half a place is none", nil, map[string]string{"crofthci.io/latitude": "52"}, nil},
		"Beyond":    {"nor is one beyond the pole", nil, map[string]string{"crofthci.io/latitude": "91", "crofthci.io/longitude": "0"}, nil},
		"NaN":       {"nor one that is no number", nil, map[string]string{"crofthci.io/latitude": "NaN", "crofthci.io/longitude": "0"}, nil},
		"South":     {"the south and the west are negative", nil, map[string]string{"crofthci.io/latitude": "-33.9", "crofthci.io/longitude": "-70"}, &fleetv1.Location{Latitude: "-33.9", Longitude: "-70"}},
		"Zero":      {"on the equator, where a nought is no empty text", nil, map[string]string{"crofthci.io/latitude": "0.0", "crofthci.io/longitude": "10"}, &fleetv1.Location{Latitude: "0", Longitude: "10"}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			site := &fleetv1.Site{Spec: fleetv1.SiteSpec{Location: tc.spec}}
			got := locationOf(site, &management.Cluster{ObjectMeta: metav1.ObjectMeta{Annotations: tc.on}})
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("%s: (-want +got)\n%s", tc.reason, diff)
			}
		})
	}
}
