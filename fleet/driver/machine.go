package driver

import (
	"errors"
	"net"
	"os"
	"strconv"

	"github.com/rancher/machine/libmachine/drivers"
	"github.com/rancher/machine/libmachine/mcnflag"
	"github.com/rancher/machine/libmachine/state"
)

// Driver is one machine as rancher-machine knows it. What is exported is what rancher-machine keeps of it: the flags are
// not, because a credential is among them, and passwords and tokens in the user data.
type Driver struct {
	*drivers.BaseDriver

	// Site is the context of the kubeconfig that the machine was made by.
	Site string
	// Namespace is where it is there.
	Namespace string
	// UID is the machine's; another of its name is not it.
	UID string
	// Card is the name of the network card whose address is the machine's.
	Card string
	// Cluster is the guest cluster that it is a node of.
	Cluster string
	// Disks are the claims that it was made with.
	Disks []string

	flags Flags
	plan  *plan
	maker *maker
	// kubeconfig is how every command but create comes by its credential.
	kubeconfig func() string
}

// New is a driver of a machine that nobody has said anything of.
func New() *Driver {
	return &Driver{BaseDriver: &drivers.BaseDriver{}, kubeconfig: func() string { return os.Getenv("CROFT_KUBECONFIG_CONTENT") }}
}

// DriverName is what rancher-machine calls the driver.
func (d *Driver) DriverName() string { return Name }

// GetCreateFlags are the flags of create.
func (d *Driver) GetCreateFlags() []mcnflag.Flag { return createFlags() }

// SetConfigFromFlags understands what was asked for, or says all that is wrong with it.
func (d *Driver) SetConfigFromFlags(options drivers.DriverOptions) error {
	d.SetSwarmConfigFromFlags(options)
	return d.configure(readFlags(options))
}

func (d *Driver) configure(flags Flags) error {
	p, err := planOf(d.MachineName, flags)
	if err != nil {
		return err
	}
	d.flags, d.plan = flags, p
	d.SSHUser, d.SSHPort = flags.SSHUser, flags.SSHPort
	d.Cluster, d.Card = p.cluster, p.card
	content := flags.KubeconfigContent
	d.kubeconfig = func() string { return content }
	return nil
}

// GetIP is the machine's address as it is now.
func (d *Driver) GetIP() (string, error) {
	machineState, err := d.GetState()
	if err != nil {
		return "", err
	}
	if machineState != state.Running {
		return "", drivers.ErrHostIsNotRunning
	}
	if d.IPAddress == "" {
		return "", errors.New("the machine runs, and has no address yet")
	}
	return d.IPAddress, nil
}

// GetSSHHostname is where its SSH server is.
func (d *Driver) GetSSHHostname() (string, error) { return d.GetIP() }

// GetURL is where a Docker would be. Rancher reads the address out of it.
func (d *Driver) GetURL() (string, error) {
	address, err := d.GetIP()
	if err != nil {
		return "", err
	}
	return "tcp://" + net.JoinHostPort(address, strconv.Itoa(dockerPort)), nil
}

const dockerPort = 2376

var _ drivers.Driver = &Driver{}
