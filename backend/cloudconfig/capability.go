package cloudconfig

import "crofthci.io/croft/backend/capability"

// Capability is the cloud-config templates of a site. They are read and written as any ConfigMap.
var Capability = capability.Capability{Name: "cloudconfig"}
