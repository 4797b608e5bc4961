package driver

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"strings"

	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/validation"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
)

// Labels and annotations that Harvester's own driver and its clients agree on.
const (
	// labelMachine, on a machine and its instance: the machine's name.
	labelMachine = "harvesterhci.io/vmName"
	// labelSet, on both: the namespace, guest cluster and pool in one word.
	labelSet = "harvesterhci.io/machineSetName"
	// labelPool, on both: the pool.
	labelPool = "nodepool.harvesterhci.io/name"
	// tagPrefix begins the labels that people know as tags.
	tagPrefix = "tag.harvesterhci.io/"
	// annotationDescription, on a machine: what people are told of it.
	annotationDescription = "field.cattle.io/description"
	// annotationRemoveAll, on a machine: "true" when its guest cluster goes, and all volumes of the cluster with it.
	annotationRemoveAll = "harvesterhci.io/removeAllPersistentVolumeClaims"
)

// creator is what the driver calls itself on its machines.
const creator = "docker-machine-driver-croft"

// readMembership checks which cluster the machine is of, and what its user calls it.
func (p *plan) readMembership(membership Membership, wrong *problems) {
	p.cluster, p.pool = membership.ClusterName, membership.PoolName
	if p.pool == "" {
		p.pool = poolOf(p.name, p.cluster)
	}
	for flag, value := range map[string]string{"cluster-name": p.cluster, "pool-name": p.pool} {
		if len(validation.IsValidLabelValue(value)) > 0 {
			wrong.add(flag, "must be fit for a label: at most 63 letters, digits, dashes, dots and underscores")
		}
	}
	if len(membership.Description) > 1024 {
		wrong.add("vm-description", "must have at most 1024 characters")
	}
	p.description = membership.Description
	p.labels = pairsOf("vm-labels", "", membership.Labels, wrong)
	for key := range p.labels {
		if domain, _, found := strings.Cut(key, "/"); found && isReserved(domain) {
			wrong.add("vm-labels", "must not have %s: labels of %s are the site's own", key, domain)
		}
	}
	maps.Copy(p.labels, pairsOf("tags", tagPrefix, membership.Tags, wrong))
}

// isReserved says whether the labels of a domain are not for people to choose.
func isReserved(domain string) bool {
	for _, own := range []string{"harvesterhci.io", "crofthci.io", "kubevirt.io", "kubernetes.io", "k8s.io", "cattle.io"} {
		if domain == own || strings.HasSuffix(domain, "."+own) {
			return true
		}
	}
	return false
}

// pairsOf reads key=value,key=value.
func pairsOf(flag, prefix, text string, wrong *problems) map[string]string {
	pairs := map[string]string{}
	for pair := range strings.SplitSeq(text, ",") {
		if pair = strings.TrimSpace(pair); pair == "" {
			continue
		}
		key, value, _ := strings.Cut(pair, "=")
		key = prefix + strings.TrimSpace(key)
		value = strings.TrimSpace(value)
		if len(validation.IsQualifiedName(key)) > 0 || len(validation.IsValidLabelValue(value)) > 0 {
			wrong.add(flag, "must be key=value pairs with commas between them, of letters, digits, dashes, dots and underscores")
			continue
		}
		pairs[key] = value
	}
	return pairs
}

// poolOf is the pool that Rancher has put into a machine's name: cluster-pool-hash-random.
func poolOf(name, cluster string) string {
	rest, found := strings.CutPrefix(name, cluster+"-")
	if cluster == "" || !found {
		return ""
	}
	words := strings.Split(rest, "-")
	if len(words) < 3 {
		return words[0]
	}
	return strings.Join(words[:len(words)-2], "-")
}

// set is the machine set's name, "" for a machine of no cluster. The namespace is not in it when the credential says it.
func (p *plan) set() string {
	if p.cluster == "" {
		return ""
	}
	name := strings.Trim(strings.Join([]string{p.namespace, p.cluster, p.pool}, "-"), "-")
	if len(name) <= validation.LabelValueMaxLength {
		return name
	}
	sum := sha256.Sum256([]byte(name))
	return hex.EncodeToString(sum[:])[:validation.LabelValueMaxLength]
}

// allLabels are those of the machine and of its instance.
func (p *plan) allLabels() map[string]string {
	all := maps.Clone(p.labels)
	own := map[string]string{
		labelMachine: p.name, harvesterv1.LabelCreator: creator,
		harvesterv1.LabelGuestCluster: p.cluster, labelPool: p.pool, labelSet: p.set(),
	}
	maps.DeleteFunc(own, func(_, value string) bool { return value == "" })
	maps.Copy(all, own)
	return all
}

// checkSelector asks for a selector of labels.
func checkSelector(text string, wrong *problems) {
	if _, err := labels.Parse(text); err != nil {
		wrong.add("site-selector", "is no selector of labels such as region=north,disk!=slow")
	}
}
