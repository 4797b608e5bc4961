package longhorn

// Driver is the name of Longhorn's CSI driver.
const Driver = "driver.longhorn.io"

// Parameters of a storage class.
const (
	// ParameterLocality says where replicas lie.
	ParameterLocality = "dataLocality"
	// ParameterReplicas is how many copies of each volume there are.
	ParameterReplicas = "numberOfReplicas"
	// ParameterEngine is v1 (when it is left out) or v2.
	ParameterEngine = "dataEngine"
	// ParameterEncrypted is "true" for volumes that are encrypted.
	ParameterEncrypted = "encrypted"
)

// Values of ParameterLocality.
const (
	LocalityDisabled = "disabled"
	LocalityBest     = "best-effort"
	LocalityStrict   = "strict-local"
)

// SecretParameters name the secret with an encrypted volume's key, for each call that reads it.
var SecretParameters = []string{
	"csi.storage.k8s.io/provisioner-secret-name", "csi.storage.k8s.io/provisioner-secret-namespace",
	"csi.storage.k8s.io/node-publish-secret-name", "csi.storage.k8s.io/node-publish-secret-namespace",
	"csi.storage.k8s.io/node-stage-secret-name", "csi.storage.k8s.io/node-stage-secret-namespace",
}

// FirstEngine says whether a class's volumes are of Longhorn's first engine.
func FirstEngine(provisioner string, parameters map[string]string) bool {
	return provisioner == Driver && parameters[ParameterEngine] != "v2"
}
