package driver

import (
	"errors"
	"fmt"
	"strings"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/validation"
)

// plan is a machine that was asked for, understood, and right as far as its flags alone can tell.
type plan struct {
	name, namespace string
	// site, preferred and selector choose among the sites of the credential; sites are those that suit.
	site, preferred, selector string
	sites                     []site
	cluster, pool             string
	labels                    map[string]string
	description               string
	size                      Size
	disks                     []disk
	cards                     []card
	// card is the name of the one whose address is the machine's.
	card     string
	keys     []types.NamespacedName
	userData map[string]any
	// networkData is cloud-init's, "" when there is none.
	networkData string
	hardware    Hardware
	devices     []device
	placement   Placement
	timeout     int
}

// problems are sentences about flags, gathered so that all are told at once.
type problems struct{ sentences []string }

// add says what is wrong with a flag.
func (p *problems) add(flag, sentence string, values ...any) {
	p.sentences = append(p.sentences, "--"+Name+"-"+flag+" "+fmt.Sprintf(sentence, values...))
}

func (p *problems) err() error {
	if len(p.sentences) == 0 {
		return nil
	}
	return errors.New(strings.Join(p.sentences, "; "))
}

// planOf understands flags, or says all that is wrong with them.
func planOf(name string, flags Flags) (*plan, error) {
	var wrong problems
	if sentences := validation.IsDNS1123Label(name); len(sentences) > 0 {
		wrong.sentences = append(wrong.sentences, fmt.Sprintf("a machine cannot be called %q: %s", name, sentences[0]))
	}
	p := &plan{
		name: name, namespace: flags.VMNamespace, size: flags.Size, hardware: flags.Hardware, placement: flags.Placement,
		timeout: flags.CreateTimeout,
	}
	p.readAccess(flags.Access, &wrong)
	p.readMembership(flags.Membership, &wrong)
	checkSize(flags.Size, &wrong)
	checkHardware(flags.Hardware, &wrong)
	p.disks = disksOf(flags.Storage, &wrong)
	p.cards = cardsOf(flags.Network, &wrong)
	p.card = chosenCard(p.cards, flags.AddressNetwork, &wrong)
	p.devices = devicesOf(flags.VGPUInfo, &wrong)
	p.readLogin(flags.Login, &wrong)
	p.readSeed(flags.Seed, flags.Login, &wrong)
	affinityOf(p.placement, p.set(), &wrong)
	return p, wrong.err()
}

// readAccess checks where the machine is to be.
func (p *plan) readAccess(access Access, wrong *problems) {
	if access.KubeconfigContent == "" {
		wrong.add("kubeconfig-content", "is needed: the kubeconfig of the site, best by the variable CROFT_KUBECONFIG_CONTENT")
	}
	switch access.ClusterType {
	case "", "imported", "external":
	default:
		wrong.add("cluster-type", "must be imported or external")
	}
	if p.namespace != "" {
		if sentences := validation.IsDNS1123Label(p.namespace); len(sentences) > 0 {
			wrong.add("vm-namespace", "is no namespace: %s", sentences[0])
		}
	}
	if access.CreateTimeout < shortest || access.CreateTimeout > longest {
		wrong.add("create-timeout", "must be from %d to %d seconds", shortest, longest)
	}
	p.site, p.preferred, p.selector = access.Site, access.ClusterID, access.SiteSelector
	checkSelector(p.selector, wrong)
	if access.KubeconfigContent == "" {
		return
	}
	var err error
	if p.sites, err = sitesOf(access.KubeconfigContent); err != nil {
		wrong.add("kubeconfig-content", "%s", err)
		return
	}
	if p.sites, err = suiting(p.sites, p.site, p.preferred, p.selector); err != nil {
		wrong.sentences = append(wrong.sentences, err.Error())
	}
}

// How many seconds a machine may be given to come.
const (
	shortest = 30
	longest  = 7200
)

// checkSize asks for a size that a machine can have.
func checkSize(size Size, wrong *problems) {
	if size.InstanceType != "" {
		for part := range strings.SplitSeq(strings.TrimPrefix(size.InstanceType, "/"), "/") {
			if len(validation.IsDNS1123Subdomain(part)) > 0 || strings.Count(size.InstanceType, "/") > 1 {
				wrong.add("instance-type", "is no name of an instance type")
				break
			}
		}
		return
	}
	if size.CPUCount < 1 || size.CPUCount > 512 {
		wrong.add("cpu-count", "must be from 1 to 512")
	}
	if size.MemorySize < 1 || size.MemorySize > 16384 {
		wrong.add("memory-size", "must be from 1 to 16384 GiB")
	}
	if size.ReservedMemorySize < -1 || size.ReservedMemorySize >= max(size.MemorySize, 1)*1024 {
		wrong.add("reserved-memory-size", "must be -1, or at least 0 and less than the memory, in MiB")
	}
	if size.CPUModel != "" && !modelPattern.MatchString(size.CPUModel) {
		wrong.add("cpu-model", "is no name of a model, such as host-passthrough")
	}
	if size.IsolateEmulatorThread && !size.CPUPinning {
		wrong.add("isolate-emulator-thread", "needs --croft-cpu-pinning")
	}
}

func checkHardware(hardware Hardware, wrong *problems) {
	if hardware.EnableSecureBoot && !hardware.EnableEFI {
		wrong.add("enable-secure-boot", "needs --croft-enable-efi")
	}
}
