package site

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	fleetv1 "crofthci.io/croft/pkg/apis/fleet/v1alpha1"
	"crofthci.io/croft/pkg/rancher/management"
)

// copied are the labels of a cluster that its Site has too: those that people write, and where it is. What Rancher and
// Kubernetes write for themselves is left out.
func copied(cluster *management.Cluster) map[string]string {
	all := map[string]string{}
	for key, value := range cluster.Labels {
		domain, _, prefixed := strings.Cut(key, "/")
		own := domain == "topology.kubernetes.io" || !prefixed
		machinery := strings.HasSuffix(domain, "cattle.io") || strings.HasSuffix(domain, "k8s.io") || strings.HasSuffix(domain, "kubernetes.io")
		if own && domain != management.LabelProvider || !machinery {
			all[key] = value
		}
	}
	return all
}

// label gives a Site the labels of its cluster, and takes away those that the cluster has no more. Labels that somebody
// wrote on the Site alone stay.
func label(site *fleetv1.Site, cluster *management.Cluster) {
	want := copied(cluster)
	for _, key := range strings.Split(site.Annotations[fleetv1.AnnotationCopiedLabels], ",") {
		if _, ok := want[key]; !ok {
			delete(site.Labels, key)
		}
	}
	if len(want) == 0 {
		delete(site.Annotations, fleetv1.AnnotationCopiedLabels)
		return
	}
	if site.Labels == nil {
		site.Labels = map[string]string{}
	}
	maps.Copy(site.Labels, want)
	if site.Annotations == nil {
		site.Annotations = map[string]string{}
	}
	site.Annotations[fleetv1.AnnotationCopiedLabels] = strings.Join(slices.Sorted(maps.Keys(want)), ",")
}

// locationOf is where a site is: what its spec says, or else the annotations of its cluster. Degrees that are none are not
// told.
func locationOf(site *fleetv1.Site, cluster *management.Cluster) *fleetv1.Location {
	if site.Spec.Location != nil {
		return site.Spec.Location.DeepCopy()
	}
	found := &fleetv1.Location{Name: cluster.Annotations[fleetv1.AnnotationLocation]}
	if len(found.Name) > 253 {
		found.Name = ""
	}
	latitude, north := degrees(cluster.Annotations[fleetv1.AnnotationLatitude], 90)
	longitude, east := degrees(cluster.Annotations[fleetv1.AnnotationLongitude], 180)
	if north && east {
		found.Latitude, found.Longitude = latitude, longitude
	}
	if *found == (fleetv1.Location{}) {
		return nil
	}
	return found
}

// degrees reads an angle, and writes it as the Site does.
func degrees(text string, most float64) (string, bool) {
	value, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	if err != nil || !(value >= -most && value <= most) {
		return "", false
	}
	written := strconv.FormatFloat(value, 'f', 6, 64)
	return strings.TrimRight(strings.TrimRight(written, "0"), "."), true
}

// spot is a location as a map reads it.
type spot struct {
	Name      string   `json:"name,omitempty"`
	Latitude  *float64 `json:"latitude,omitempty"`
	Longitude *float64 `json:"longitude,omitempty"`
}

func spotOf(location *fleetv1.Location) *spot {
	if location == nil {
		return nil
	}
	shown := &spot{Name: location.Name}
	latitude, err := strconv.ParseFloat(location.Latitude, 64)
	longitude, err2 := strconv.ParseFloat(location.Longitude, 64)
	if err == nil && err2 == nil {
		shown.Latitude, shown.Longitude = &latitude, &longitude
	}
	return shown
}

// The labels that say in which region a site is and for what it is there, the first that is set.
var (
	regionLabels      = []string{"topology.kubernetes.io/region", "region"}
	environmentLabels = []string{"environment", "env"}
)

func labelOf(site *fleetv1.Site, keys []string) string {
	for _, key := range keys {
		if value := site.Labels[key]; value != "" {
			return value
		}
	}
	return ""
}
