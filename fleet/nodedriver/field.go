package nodedriver

// What a cloud credential is made of, by the names that Rancher gives the driver's flags. They stand once more where they are
// no Go: in the chart's annotations of the NodeDriver; tests hold all to be the same.
var (
	// PublicFields are shown to whoever has the credential.
	PublicFields = []string{"clusterType", "clusterId"}
	// PrivateFields are kept in the secret and never shown again.
	PrivateFields = []string{"kubeconfigContent"}
	// OptionalFields may be left out.
	OptionalFields = []string{"clusterId"}
)

// The names of what Rancher derives from a driver's own.
const (
	// CredentialField is the field of a cloud credential that has the driver's; a secret's keys begin with it and a dash.
	CredentialField = Name + "credentialConfig"
	// CredentialType is the type of that field.
	CredentialType = Name + "credentialconfig"
)
