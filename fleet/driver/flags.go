package driver

// Flags are all that a machine can be asked for by. This is their only list: the flags of rancher-machine (--croft-…), their
// variables in the environment (CROFT_…), the fields of Rancher's machine configuration and the table of the README are
// derived from it. The order is the README's; of the flags whose name has "user-data" in it, rancher-machine fills the first.
// None is called as the page calls what every object has, such as labels: it would take the field for that.
type Flags struct {
	Access
	Membership
	Size
	Storage
	Network
	Login
	Seed
	Hardware
	Placement
}

// Access is where the machine is made, and by which credential.
type Access struct {
	KubeconfigContent string `flag:"kubeconfig-content" secret:"true" usage:"kubeconfig of the site, as text or in base64; each of its contexts is a site. It is never kept: give it to every command, best by the variable"`
	ClusterType       string `flag:"cluster-type" usage:"imported or external, as Harvester's driver has it; makes no difference here"`
	ClusterID         string `flag:"cluster-id" usage:"Rancher's name of the site, such as c-m-x7k2p; the context of that name, when there is one and no site is named"`
	Site              string `flag:"site" usage:"the site: a context of the kubeconfig. Default: the only one, or the one that suits best"`
	SiteSelector      string `flag:"site-selector" usage:"which sites suit, by their labels, such as region=north,disk!=slow"`
	VMNamespace       string `flag:"vm-namespace" usage:"namespace of the machine. Default: the context's"`
	CreateTimeout     int    `flag:"create-timeout" default:"900" usage:"seconds until a machine must have its address, 30 to 7200"`
}

// Membership is which guest cluster the machine is a node of.
type Membership struct {
	ClusterName string `flag:"cluster-name" usage:"the guest cluster"`
	PoolName    string `flag:"pool-name" usage:"the machine pool. Default: what the machine's name says of it"`
	Labels      string `flag:"vm-labels" usage:"labels of the machine, such as team=blue,tier=web"`
	Tags        string `flag:"tags" usage:"tags that people see and filter by, such as owner=ops,critical"`
	Description string `flag:"vm-description" usage:"what people are told of the machine"`
}

// Size is how large the machine is.
type Size struct {
	InstanceType          string `flag:"instance-type" usage:"instance type of the site, or with a slash before it (/small) of the namespace; then cpu-count and memory-size say nothing"`
	CPUCount              int    `flag:"cpu-count" default:"2" usage:"processors, 1 to 512"`
	CPUModel              string `flag:"cpu-model" usage:"model of the processors, such as host-passthrough"`
	MemorySize            int    `flag:"memory-size" default:"4" usage:"memory in GiB, 1 to 16384"`
	ReservedMemorySize    int    `flag:"reserved-memory-size" default:"-1" usage:"MiB of the memory that are kept from the guest; -1 leaves it to the site"`
	CPUPinning            bool   `flag:"cpu-pinning" usage:"give the machine processors of its own"`
	IsolateEmulatorThread bool   `flag:"isolate-emulator-thread" usage:"give the emulator one more; needs cpu-pinning"`
}

// Storage is what the machine's disks are.
type Storage struct {
	DiskInfo  string `flag:"disk-info" usage:"disks, as JSON or its base64: {\"disks\":[{\"imageName\":\"default/debian\",\"size\":40,\"bootOrder\":1,\"bus\":\"virtio\",\"type\":\"disk\"},{\"storageClassName\":\"fast\",\"size\":100}]}; sizes in GiB"`
	ImageName string `flag:"image-name" usage:"image of the only disk, namespace/name; when there is no disk-info"`
	DiskSize  string `flag:"disk-size" usage:"size of the only disk in GiB. Default 40"`
	DiskBus   string `flag:"disk-bus" usage:"bus of the only disk: virtio, scsi, sata or usb. Default virtio"`
}

// Network is what the machine's network cards are attached to.
type Network struct {
	NetworkInfo    string `flag:"network-info" usage:"network cards, as JSON or its base64: {\"interfaces\":[{\"networkName\":\"default/vlan-7\",\"model\":\"virtio\",\"type\":\"bridge\",\"macAddress\":\"02:00:5e:10:00:01\"}]}"`
	NetworkName    string `flag:"network-name" usage:"network of the only card, namespace/name; when there is no network-info. Without any, the card is in the network of pods"`
	NetworkModel   string `flag:"network-model" usage:"model of the only card. Default virtio"`
	NetworkType    string `flag:"network-type" usage:"how the only card is attached: bridge, masquerade or sriov. Default bridge, in the network of pods masquerade"`
	AddressNetwork string `flag:"address-network" usage:"the network whose address is the machine's, namespace/name, when there are several cards. Default: the first card's"`
}

// Login is how rancher-machine logs in.
type Login struct {
	SSHUser           string `flag:"ssh-user" default:"root" usage:"user to log in as"`
	SSHPort           int    `flag:"ssh-port" default:"22" usage:"port of the machine's SSH server"`
	SSHPassword       string `flag:"ssh-password" secret:"true" usage:"password of the image's user; without one it has none"`
	SSHPrivateKeyPath string `flag:"ssh-private-key-path" usage:"file with the private key to log in with. Default: a new one"`
	KeyPairName       string `flag:"key-pair-name" usage:"key pairs of the site that may log in as well, namespace/name, separated by commas"`
}

// Seed is what cloud-init is told.
type Seed struct {
	UserDataFile string `flag:"user-data-file" usage:"file with user data; rancher-machine fills it, leave it empty"`
	UserData     string `flag:"user-data" secret:"true" usage:"user data, as text or in base64; begins with #cloud-config. It is merged with what rancher-machine adds"`
	GuestOS      string `flag:"guest-os" default:"linux" usage:"system of the image, linux or windows: rancher-machine writes the install script for it"`
	NetworkData  string `flag:"network-data" usage:"network data of version 1 or 2, as text or in base64; static addresses stand here"`
}

// Hardware is what else is in the machine.
type Hardware struct {
	EnableEFI        bool   `flag:"enable-efi" usage:"boot by EFI"`
	EnableSecureBoot bool   `flag:"enable-secure-boot" usage:"boot what is signed only; needs enable-efi"`
	EnableTPM        bool   `flag:"enable-tpm" usage:"have a trusted platform module"`
	VGPUInfo         string `flag:"vgpu-info" usage:"graphics cards, as JSON or its base64: {\"vGPURequests\":[{\"name\":\"gpu-0\",\"deviceName\":\"nvidia.com/A2-4Q\"}]}"`
}

// Placement is beside what the machine runs.
type Placement struct {
	VMAffinity   string `flag:"vm-affinity" usage:"affinity of Kubernetes, as JSON or its base64"`
	PoolAffinity string `flag:"pool-affinity" usage:"machines of the pool to the nodes of the site: spread (best each on its own), separate (each on its own or not at all), or pack (best together)"`
}
