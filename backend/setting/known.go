package setting

import (
	"math"
	"slices"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
)

// Known is one name that a setting can have.
type Known struct {
	// Name is the object's name.
	Name string
	// Default is in force while nobody sets a value.
	Default string
	// Check says what is wrong with a value.
	Check Check
	// InForce says that something in Croft acts on the setting; ActsOn tells for a value. Others are kept for clients that
	// read them, and say so when somebody sets one.
	InForce bool
	// Summary is one sentence for the documentation, with the unit.
	Summary string
}

// ActsOn says whether something in Croft acts on a value of the setting.
func (k Known) ActsOn(value string) bool {
	if k.Name == harvesterv1.SettingMemoryOverheadRatio {
		return isZero(value)
	}
	return k.InForce
}

// Kept says which part of a value is only kept although the setting is acted upon, "" when all of it is in force.
func (k Known) Kept(value string) string {
	if k.Name != harvesterv1.SettingOvercommit {
		return ""
	}
	overcommit, err := harvesterv1.ParseOvercommit(value)
	if err != nil || overcommit.Storage == harvesterv1.Whole {
		return ""
	}
	return "storage is kept for clients that read it, and cpu and memory are in force: nothing at this site tells Longhorn how " +
		"much of its disks it may promise. Say it in Longhorn's own setting storage-over-provisioning-percentage."
}

// ServerVersion is the release of Harvester whose API this site speaks. Clients switch features on by it.
const ServerVersion = "v1.8.0"

const (
	minutes = math.MaxInt32
	seconds = math.MaxInt32
)

// All are the settings of a site, by name. Names and defaults are Harvester's.
var All = []Known{
	{harvesterv1.SettingAdditionalCA, "", certificates, true, "Certificates (PEM) to trust beside the system's, when images are downloaded and the site is joined to a Rancher."},
	{harvesterv1.SettingMemoryOverheadRatio, "1.5", ratio(1), true, "Factor on the memory that KubeVirt adds for itself. 0 keeps 100 Mi of a machine's own memory instead; any other factor is KubeVirt's own to be told."},
	{"api-ui-version", "1.1.9", version, false, "Version of the API's own pages."},
	{"auto-disk-provision-paths", "", list(glob), false, "Device paths that are taken as disks at once, separated by commas."},
	{"auto-rotate-rke2-certs", `{"enable":false,"expiringInHours":240}`, form(rotation.check), false, "Whether the cluster's certificates are renewed, and how many hours before they end."},
	{harvesterv1.SettingBackupTarget, "", open(target.check), false, "Where backups go: JSON of type (s3 or nfs), endpoint and the rest."},
	{"cluster-pod-security-standard", `{"enabled":false}`, open[podSecurity](), false, "Pod security standard of namespaces."},
	{harvesterv1.SettingRegistration, `{"url":"","insecureSkipTLSVerify":false}`, registration, true, "The manifest that joins this site to a Rancher."},
	{"containerd-registry", "", open(registry.check), false, "Mirrors and credentials of image registries."},
	{harvesterv1.SettingDriverConfig, `{"driver.longhorn.io":{"volumeSnapshotClassName":"longhorn-snapshot","backupVolumeSnapshotClassName":"longhorn"}}`, open(drivers.check), true, "Snapshot classes for each CSI driver."},
	{harvesterv1.SettingOnlineExpand, `{"driver.longhorn.io":true}`, form(switches.check), true, "CSI drivers whose volumes may grow while they are in use."},
	{harvesterv1.SettingDefaultStorageClass, "longhorn", name, true, "Storage class of volumes that name none. The default is the site's own default class."},
	{harvesterv1.SettingTerminationGracePeriod, "120", whole(0, seconds), true, "Seconds that a machine may take to shut down."},
	{"harvester-csi-ccm-versions", `{"harvester-cloud-provider":">=0.0.1 <0.3.0","harvester-csi-provider":">=0.0.1 <0.3.0"}`, form(charts.check), false, "Versions of the guest clusters' drivers that this site works with."},
	{harvesterv1.SettingHTTPProxy, "{}", form(proxies.check), true, "Proxy for requests to the outside, by which images are downloaded and the site is joined to a Rancher: JSON of httpProxy, httpsProxy, noProxy."},
	{"instance-manager-resources", `{"cpu":{}}`, form(engines.check), false, "CPU that Longhorn's managers reserve, in percent by engine."},
	{"kubeconfig-default-token-ttl-minutes", "0", whole(0, minutes), false, "Minutes until the token of a downloaded kubeconfig ends; 0 is never."},
	{harvesterv1.SettingMigration, `{"parallelMigrationsPerCluster":5,"parallelOutboundMigrationsPerNode":2,"bandwidthPerMigration":"0","completionTimeoutPerGiB":150,"progressTimeout":150,"allowAutoConverge":false,"allowPostCopy":false,"allowWorkloadDisruption":false,"disableTLS":false,"matchSELinuxLevelOnMigration":false,"unsafeMigrationOverride":false}`, migration, true, "How KubeVirt migrates machines; timeouts in seconds."},
	{harvesterv1.SettingLogLevel, "info", oneOf("panic", "fatal", "error", "warn", "info", "debug", "trace"), true, "How much is logged by Croft's programs in the site."},
	{"longhorn-v2-data-engine-enabled", "false", oneOf("true", "false"), false, "Whether Longhorn's second engine runs."},
	{"longhorn-v2-data-engine-hugepage-enabled", "true", oneOf("true", "false"), false, "Whether that engine takes huge pages."},
	{"longhorn-v2-data-engine-memory-size", "2048", whole(0, math.MaxInt32), false, "MiB of memory for that engine on each node."},
	{harvesterv1.SettingMaxHotplugRatio, "4", whole(1, 20), true, "How many times its sockets and memory a machine may grow to while it runs, when it does not say so itself."},
	{"ntp-servers", "", form(clocks.check), false, "Time servers of the nodes: JSON of ntpServers."},
	{harvesterv1.SettingOvercommit, `{"cpu":1000,"memory":150,"storage":100}`, overcommit, true, "Percent of what is there that machines may be promised: of cpu and memory. A percentage of storage is kept; how much its disks may promise is Longhorn's own to be told."},
	{"rancher-cluster", "{}", object, false, "How a Rancher inside this site behaves."},
	{"release-download-url", "https://releases.rancher.com/harvester", address, false, "Where new releases are looked for."},
	{"rwx-network", `{"share-storage-network":false}`, form(shares.check), false, "Network of shared filesystems."},
	{harvesterv1.SettingServerVersion, "", version, true, "The Harvester release whose API this site speaks. Written by the server."},
	{"ssl-certificates", "{}", form(keyPair.check), false, "Certificate of the site's front door: JSON of ca, publicCertificate, privateKey."},
	{"ssl-parameters", "{}", form(ciphers.check), false, "TLS protocols and ciphers of the site's front door."},
	{harvesterv1.SettingStorageNetwork, "", form(vlan.check), false, "Network of Longhorn's replicas: JSON of vlan, clusterNetwork, range, exclude."},
	{"support-bundle-expiration", "30", whole(0, minutes), false, "Minutes that a support bundle is kept."},
	{"support-bundle-file-name", "", file, false, "Name of a support bundle's file."},
	{"support-bundle-image", "{}", form(bundler.check), false, "Image that collects support bundles."},
	{"support-bundle-namespaces", "", list(name), false, "Further namespaces in support bundles, separated by commas."},
	{"support-bundle-node-collection-timeout", "30", whole(0, minutes), false, "Minutes that a node may take for its part of a support bundle."},
	{"support-bundle-timeout", "10", whole(0, minutes), false, "Minutes that a support bundle may take."},
	{"traefik-default-tls-options", "", anything, false, "TLS options of the ingress."},
	{"ui-index", "https://releases.rancher.com/harvester-ui/dashboard/latest/index.html", address, false, "Page of the user interface when ui-source is external."},
	{"ui-path", "/usr/share/harvester/harvester", path, false, "Folder of the user interface when ui-source is bundled."},
	{"ui-plugin-index", "https://releases.rancher.com/harvester-ui/plugin/harvester-latest/harvester-latest.umd.min.js", address, false, "Script of the user interface in an old Rancher."},
	{"ui-source", "auto", oneOf("auto", "external", "bundled"), false, "Where the user interface comes from."},
	{"upgradable-versions", "", list(version), false, "Releases that this one can be upgraded to."},
	{"upgrade-checker-enabled", "true", oneOf("true", "false"), false, "Whether new releases are looked for."},
	{"upgrade-checker-url", "https://harvester-upgrade-responder.rancher.io/v1/checkupgrade", address, false, "Who is asked for new releases."},
	{"upgrade-config", `{"imagePreloadOption":{"strategy":{"type":"sequential"}},"nodeUpgradeOption":{"strategy":{"mode":"auto"}},"restoreVM":false,"logReadyTimeout":"5"}`, form(upgrade.check), false, "How an upgrade goes about it."},
	{"vip-pools", "", form(pools.check), false, "Addresses for load balancers by namespace."},
	{harvesterv1.SettingForceReset, `{"enable":true,"period":15,"vmMigrationTimeout":180}`, forceReset, true, "Whether machines of a lost node are started elsewhere, and after how many seconds."},
	{"vm-migration-network", "", form(vlan.check), false, "Network of live migrations."},
	{"volume-snapshot-class", "longhorn", name, false, "Snapshot class of backups."},
}

// Find is what is known of a name.
func Find(name string) (Known, bool) {
	at := slices.IndexFunc(All, func(known Known) bool { return known.Name == name })
	if at < 0 {
		return Known{}, false
	}
	return All[at], true
}
