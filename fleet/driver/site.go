package driver

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

// site is one that the credential reaches: a context of its kubeconfig.
type site struct {
	// name is the context's, namespace where its machines are, "" when the context does not say.
	name, namespace string
	// labels are those of the context's extension crofthci.io/site.
	labels labels.Set
	config *rest.Config
}

// siteExtension is the extension of a context that tells of its site: {"labels": {"region": "north"}}.
const siteExtension = "crofthci.io/site"

// sitesOf reads a kubeconfig, in the order of the contexts' names, the current one first. What stands in it is never told,
// and nothing of it reaches a program or a file of this machine: only addresses, certificates and tokens are taken.
func sitesOf(content string) ([]site, error) {
	config, err := clientcmd.Load([]byte(plain(content)))
	if err != nil || len(config.Contexts) == 0 {
		return nil, errors.New("is no kubeconfig with a context")
	}
	if err := selfContained(config); err != nil {
		return nil, err
	}
	var sites []site
	for name, context := range config.Contexts {
		made, err := clientcmd.NewNonInteractiveClientConfig(*config, name, &clientcmd.ConfigOverrides{}, nil).ClientConfig()
		if err != nil {
			return nil, fmt.Errorf("has a context %q without a server or without a credential", name)
		}
		made.QPS = -1 // one machine asks little, and nothing waits behind it
		sites = append(sites, site{name: name, namespace: context.Namespace, labels: labelsOf(context), config: made})
	}
	slices.SortFunc(sites, func(a, b site) int {
		if (a.name == config.CurrentContext) != (b.name == config.CurrentContext) {
			return map[bool]int{true: -1, false: 1}[a.name == config.CurrentContext]
		}
		return strings.Compare(a.name, b.name)
	})
	return sites, nil
}

// selfContained refuses a kubeconfig that would have a program run or a file read.
func selfContained(config *clientcmdapi.Config) error {
	for _, user := range config.AuthInfos {
		if user.Exec != nil || user.AuthProvider != nil {
			return errors.New("must not have a program run for its credential: give a token or a certificate")
		}
		if user.TokenFile != "" || user.ClientCertificate != "" || user.ClientKey != "" {
			return errors.New("must have its token or certificate in itself, not in files")
		}
	}
	for _, cluster := range config.Clusters {
		if cluster.CertificateAuthority != "" {
			return errors.New("must have its authority's certificate in itself, not in a file")
		}
	}
	return nil
}

// labelsOf are the labels of a context's site.
func labelsOf(context *clientcmdapi.Context) labels.Set {
	var told struct {
		Labels map[string]string `json:"labels"`
	}
	if extension, is := context.Extensions[siteExtension].(*runtime.Unknown); is {
		if err := json.Unmarshal(extension.Raw, &told); err != nil {
			return nil
		}
	}
	return told.Labels
}

// suiting are the sites that a machine may be made at.
func suiting(sites []site, name, preferred, selector string) ([]site, error) {
	suits, err := labels.Parse(selector)
	if err != nil {
		return sites, nil // said already
	}
	var names []string
	var suiting []site
	for _, s := range sites {
		names = append(names, s.name)
		if (name == "" || s.name == name) && suits.Matches(s.labels) {
			suiting = append(suiting, s)
		}
	}
	if len(suiting) == 0 {
		return nil, fmt.Errorf("no site of the credential has the name of --croft-site and the labels of --croft-site-selector; it reaches: %s", strings.Join(names, ", "))
	}
	for _, s := range suiting {
		if name == "" && selector == "" && preferred != "" && s.name == preferred {
			return []site{s}, nil
		}
	}
	return suiting, nil
}

// siteOf is the site that a machine was made at.
func siteOf(content, name string) (site, error) {
	if content == "" {
		return site{}, errors.New("there is no credential: it is never kept; give the kubeconfig by the variable CROFT_KUBECONFIG_CONTENT")
	}
	sites, err := sitesOf(content)
	if err != nil {
		return site{}, fmt.Errorf("what CROFT_KUBECONFIG_CONTENT holds %w", err)
	}
	for _, s := range sites {
		if s.name == name {
			return s, nil
		}
	}
	if len(sites) == 1 {
		return sites[0], nil // renewed under another name
	}
	return site{}, fmt.Errorf("the credential does not reach site %q, which the machine is at", name)
}

// in is the namespace of a site's machines, where flags name none.
func (s site) in(namespace string) string {
	switch {
	case namespace != "":
		return namespace
	case s.namespace != "":
		return s.namespace
	default:
		return corev1.NamespaceDefault
	}
}
