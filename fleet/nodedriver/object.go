package nodedriver

import (
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
