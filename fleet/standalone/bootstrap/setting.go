package bootstrap

import (
	"strconv"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"crofthci.io/croft/fleet/standalone/setting"
	"crofthci.io/croft/pkg/rancher/management"
)

// SettingStandalone tells the extension that this hub has no Rancher, so that it
// shows itself as the only product.
const SettingStandalone = "croft-standalone"

// performance is how the dashboard spares itself; of a part that is missing it reads all the same, and shows nothing then.
const performance = `{"inactivity":{"enabled":false,"threshold":900},"incrementalLoading":{"enabled":true,"threshold":1500},` +
	`"manualRefresh":{"enabled":false,"threshold":1500},"disableWebsocketNotification":true,"forceNsFilterV2":{"enabled":false},` +
	`"advancedWorker":{"enabled":false},"serverPagination":{"enabled":true,"useDefaultStores":true}}`

// sourceServer marks the settings that this server writes anew at each start.
const sourceServer = "server"

// namespaces are those that Rancher's kinds live in.
var namespaces = []string{
	"cattle-system", "cattle-global-data", "cattle-local-user-passwords", "cattle-ui-plugin-system",
	"cattle-tokens", "fleet-default", "fleet-local", "local",
}

// publicSettings are read before anybody logged in.
var publicSettings = []string{
	"first-login", "ui-pl", "ui-brand", "ui-logo-light", "ui-logo-dark", "ui-favicon", "ui-banners", "ui-community-links",
	"ui-issues", "ui-primary-color", "ui-link-color", "ui-login-background-light", "ui-login-background-dark",
	"server-version", "cacerts", "login-landing", SettingStandalone,
}

func settings(o Options) []*management.Setting {
	own := map[string]string{
		"server-url":           o.ServerURL,
		"internal-server-url":  o.ServerURL,
		"cacerts":              string(o.AuthorityPEM),
		"internal-cacerts":     string(o.AuthorityPEM),
		"server-version":       o.Version,
		"server-version-type":  "rancher",
		"install-uuid":         "",
		"first-login":          "false",
		SettingStandalone:      "true",
		"agent-tls-mode":       "strict",
		"ui-offline-preferred": "true",
	}
	// The dashboard's form of a cluster reads them as JSON before it shows anything; agents of guests have nothing of their own.
	for _, agent := range []string{"cluster", "fleet"} {
		own[agent+"-agent-default-priority-class"] = "{}"
		own[agent+"-agent-default-pod-disruption-budget"] = "{}"
	}

	defaults := map[string]string{
		"ui-pl":                              "Croft",
		"ui-brand":                           "",
		"ui-banners":                         "{}",
		"ui-favicon":                         "",
		"ui-logo-light":                      "",
		"ui-logo-dark":                       "",
		"ui-primary-color":                   "",
		"ui-link-color":                      "",
		"ui-issues":                          "",
		"ui-community-links":                 "false",
		"ui-login-background-light":          "",
		"ui-login-background-dark":           "",
		"ui-performance":                     performance,
		"ui-index":                           "",
		"ui-dashboard-index":                 "",
		"ui-default-landing":                 "vue",
		"login-landing":                      "",
		"telemetry-opt":                      "out",
		"eula-agreed":                        "not-asked",
		"auth-user-session-idle-ttl-minutes": "960",
		"system-namespaces": "kube-system,kube-public,kube-node-lease,cattle-system,cattle-global-data,cattle-local-user-passwords," +
			"cattle-ui-plugin-system,cattle-tokens,croft-system,harvester-system,kubevirt,cdi,fleet-local,local",
		"system-default-registry": "",
		"k8s-versions-to-images":  "{}",
		"hide-local-cluster":      "true",
	}

	for _, number := range setting.Numbers() {
		defaults[number.Name] = strconv.FormatInt(number.Default, 10)
	}

	result := make([]*management.Setting, 0, len(own)+len(defaults))
	for name, value := range own {
		result = append(result, &management.Setting{ObjectMeta: metav1.ObjectMeta{Name: name}, Value: value, Source: sourceServer})
	}

	for name, value := range defaults {
		result = append(result, &management.Setting{ObjectMeta: metav1.ObjectMeta{Name: name}, Default: value})
	}

	return result
}

// features are what the dashboard shows pages by. It reads the value that a feature is locked to, and takes one that has
// none for switched off; what this hub can do is not to be switched anyway.
func features() []*management.Feature {
	known := map[string]bool{
		"multi-cluster-management":               true,
		"harvester":                              true,
		"uiextension":                            true,
		"ui-sql-cache":                           true,
		"token-hashing":                          true,
		"fleet":                                  false,
		"continuous-delivery":                    false,
		"rke2":                                   true,
		"istio-virtual-service-ui":               false,
		"unsupported-storage-drivers":            false,
		"harvester-baremetal-container-workload": true,
	}

	result := make([]*management.Feature, 0, len(known))
	for name, value := range known {
		result = append(result, &management.Feature{
			ObjectMeta: metav1.ObjectMeta{Name: name},
			Status:     management.FeatureStatus{Default: value, LockedValue: &value},
		})
	}

	return result
}
