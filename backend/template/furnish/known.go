package furnish

// Known is a template that a new site has.
type Known struct {
	// Name is the template's.
	Name string
	// Version is the name of its first version.
	Version string
	// Description is a sentence for people.
	Description string

	// fromISO has a machine boot from an installer that a person chooses, with an empty disk beside it.
	fromISO bool
	// windows gives a machine the hardware that Windows has drivers for, and the drivers for the rest.
	windows bool
	// secure gives a machine what Windows 11 asks for: UEFI with secure boot, and a TPM.
	secure bool
	// cores, memory and disk are how much of each.
	cores  int
	memory string
	disk   string
}

// All are the templates of a new site, as Harvester names them.
var All = []Known{
	{
		Name: "iso-image-base-template", Version: "iso-image-base-version", Description: "Installs a system from an ISO image.",
		fromISO: true, cores: 1, memory: "2Gi", disk: "10Gi",
	},
	{
		Name: "raw-image-base-template", Version: "raw-image-base-version", Description: "Starts from the image of an installed disk.",
		cores: 1, memory: "2Gi", disk: "10Gi",
	},
	{
		Name: "windows-iso-image-base-template", Version: "windows-iso-image-base-version", Description: "Installs Windows from an ISO image.",
		fromISO: true, windows: true, cores: 2, memory: "4Gi", disk: "32Gi",
	},
	{
		Name: "windows-raw-image-base-template", Version: "windows-raw-image-base-version", Description: "Starts from the image of a disk with Windows.",
		windows: true, cores: 2, memory: "4Gi", disk: "32Gi",
	},
	{
		Name: "windows-iso-small-template", Version: "windows-iso-small-version", Description: "Installs Windows from an ISO image: 2 cores, 4 GiB, 64 GiB.",
		fromISO: true, windows: true, cores: 2, memory: "4Gi", disk: "64Gi",
	},
	{
		Name: "windows-iso-medium-template", Version: "windows-iso-medium-version", Description: "Installs Windows from an ISO image: 4 cores, 8 GiB, 128 GiB.",
		fromISO: true, windows: true, cores: 4, memory: "8Gi", disk: "128Gi",
	},
	{
		Name: "windows-iso-large-template", Version: "windows-iso-large-version", Description: "Installs Windows from an ISO image: 8 cores, 16 GiB, 256 GiB.",
		fromISO: true, windows: true, cores: 8, memory: "16Gi", disk: "256Gi",
	},
	{
		Name: "windows-w11-iso-template", Version: "windows-w11-iso-version", Description: "Installs Windows 11 from an ISO image, with secure boot and a TPM.",
		fromISO: true, windows: true, secure: true, cores: 4, memory: "8Gi", disk: "64Gi",
	},
}
