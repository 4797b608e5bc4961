package nodedriver

import (
	"maps"
	"net/url"
	"runtime"
	"slices"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"crofthci.io/croft/pkg/rancher/management"
)

// labelHub, on a NodeDriver: "true" when a hub without Rancher has made it, and keeps its address right.
const labelHub = "crofthci.io/of-hub"

// object is the NodeDriver of a program that a hub without Rancher serves below an address of its own.
func object(url, sum string) *management.NodeDriver {
	return &management.NodeDriver{
		TypeMeta: metav1.TypeMeta{APIVersion: management.GroupVersion.String(), Kind: "NodeDriver"},
		ObjectMeta: metav1.ObjectMeta{Name: Name, Labels: map[string]string{labelHub: "true"}, Annotations: map[string]string{
			"publicCredentialFields":   strings.Join(PublicFields, ","),
			"privateCredentialFields":  strings.Join(PrivateFields, ","),
			"optionalCredentialFields": strings.Join(OptionalFields, ","),
		}},
		Spec: management.NodeDriverSpec{DisplayName: "Croft", Active: true, AddCloudCredential: true, URL: url, Checksum: sum},
	}
}

// isOwn says that a hub without Rancher has made a NodeDriver. Hubs before that label left it out: what is theirs word for
// word, and leads to this very host, is adopted, and whoever leads to the hub by another host's name has made his own.
func (p *Program) isOwn(driver management.NodeDriver) bool {
	if p.Hub == "" || driver.Labels[labelHub] != "" {
		return p.Hub != "" && driver.Labels[labelHub] == "true"
	}
	made := object(driver.Spec.URL, driver.Spec.Checksum)
	return driver.Spec == made.Spec && maps.Equal(driver.Annotations, made.Annotations) && hostOf(driver.Spec.URL) == hostOf(p.Hub)
}

// hostOf is the host of an address without its port, empty of what is none.
func hostOf(address string) string {
	parsed, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return parsed.Hostname()
}

// own is the path of the program for machines like this one, or of whichever there is.
func (p *Program) own() string {
	var all []string
	for where := range p.content {
		all = append(all, where)
	}
	slices.Sort(all)
	for _, where := range all {
		if strings.HasPrefix(where, Prefix+"linux-"+runtime.GOARCH+"/") {
			return where
		}
	}
	return all[0]
}
