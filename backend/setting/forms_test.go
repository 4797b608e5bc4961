package setting_test

import (
	"encoding/pem"
	"strings"
	"testing"

	"k8s.io/client-go/util/cert"

	"crofthci.io/croft/backend/setting"
)

// TestForms gives each setting that has a form of its own a value that fits and values that do not. want is a part of
// the sentence; none: the value fits.
func TestForms(t *testing.T) {
	certificate, key, err := cert.GenerateSelfSignedCertKey("site.example.org", nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	_, otherKey, err := cert.GenerateSelfSignedCertKey("site.example.org", nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	quoted := func(text []byte) string { return `"` + strings.ReplaceAll(string(text), "\n", `\n`) + `"` }
	broken := string(pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: []byte("none")}))
	type try = struct{ reason, value, want string }
	for name, tries := range map[string][]try{
		"additional-ca": {
			{"one certificate or more", string(certificate), ""},
			{"a key is a secret and no certificate", string(key), "the first of them is none"},
			{"text is none", "hello", "the first of them is none"},
			{"nor is what only looks like one", broken, "cannot be read"},
		},
		"api-ui-version":            {{"a release", "1.2.3", ""}, {"no word", "latest", "must be a release"}},
		"auto-disk-provision-paths": {{"paths with wildcards", "/dev/sd*,/dev/disk/by-id/*", ""}, {"not of the working folder", "sda", "begins with a slash"}, {"a broken wildcard", "/dev/sd[", "wildcards"}},
		"auto-rotate-rke2-certs": {
			{"within a year", `{"enable":true,"expiringInHours":240}`, ""},
			{"a certificate does not last longer", `{"enable":true,"expiringInHours":8760}`, "expiringInHours must be between 1 and 8759"},
			{"a misspelt field", `{"enabled":true}`, `unknown field "enabled"`},
		},
		"backup-target": {
			{"a share", `{"type":"nfs","endpoint":"nfs://10.0.0.2:/backups"}`, ""},
			{"a share has a path", `{"type":"nfs","endpoint":"nfs://10.0.0.2"}`, "endpoint must be a share"},
			{"a bucket", `{"type":"s3","bucketName":"b","bucketRegion":"eu-1","endpoint":"https://s3.example.org"}`, ""},
			{"a bucket has a region", `{"type":"s3","bucketName":"b"}`, "bucketRegion is missing"},
			{"other kinds are not known", `{"type":"ftp"}`, "type must be one of s3, nfs"},
			{"none", `{"type":""}`, ""},
		},
		"cluster-pod-security-standard": {{"on, with lists", `{"enabled":true,"whitelistedNamespacesList":"a"}`, ""}, {"yes is no truth", `{"enabled":"yes"}`, "cannot be understood"}},
		"cluster-registration-url": {
			{"an address with rules", `{"url":"https://rancher.example.org/v3/import/x.yaml","insecureSkipTLSVerify":true}`, ""},
			{"an address as it was before", "https://rancher.example.org/v3/import/x.yaml", ""},
			{"none", `{"url":"","insecureSkipTLSVerify":false}`, ""},
			{"a path is none", "/v3/import/x.yaml", "url must be a URL"},
			{"a broken object", `{"url"`, "must be a URL, or a JSON object"},
		},
		"containerd-registry":          {{"mirrors", `{"Mirrors":{"docker.io":{"Endpoints":["https://m.example.org"]}},"Configs":{}}`, ""}, {"a mirror is reached", `{"Mirrors":{"docker.io":{"Endpoints":["m"]}}}`, "must be a URL"}},
		"csi-driver-config":            {{"classes by driver", `{"csi.example.org":{"volumeSnapshotClassName":"snap"}}`, ""}, {"a class is an object", `{"csi.example.org":{"volumeSnapshotClassName":"Snap!"}}`, "csi.example.org.volumeSnapshotClassName must be"}},
		"csi-online-expand-validation": {{"by driver", `{"csi.example.org":true}`, ""}, {"yes or no", `{"csi.example.org":"yes"}`, "cannot be understood"}},
		"default-storage-class":        {{"a class", "fast", ""}, {"no name", "Fast Disk", "must be the name of an object"}},
		"harvester-csi-ccm-versions":   {{"constraints", `{"harvester-csi-provider":">=0.0.1 <0.3.0"}`, ""}, {"words are none", `{"harvester-csi-provider":"new"}`, "must be versions"}},
		"http-proxy":                   {{"a proxy", `{"httpProxy":"http://u:p@10.0.0.1:3128","noProxy":"10.0.0.0/8"}`, ""}, {"a proxy has a scheme", `{"httpsProxy":"10.0.0.1:3128"}`, "httpsProxy must be"}},
		"instance-manager-resources":   {{"percents", `{"cpu":{"v1":"12"}}`, ""}, {"not the whole node", `{"cpu":{"v1":"41"}}`, "cpu.v1 must be between 0 and 40"}, {"two engines", `{"cpu":{"v3":"1"}}`, "no engine"}},
		"kubevirt-migration": {
			{"some of it", `{"parallelMigrationsPerCluster":3,"bandwidthPerMigration":"64Mi"}`, ""},
			{"a limit of none", `{"bandwidthPerMigration":0}`, ""},
			{"nothing would ever move", `{"parallelMigrationsPerCluster":0}`, "must be at least 1"},
			{"a node cannot send more than all", `{"parallelMigrationsPerCluster":1,"parallelOutboundMigrationsPerNode":2}`, "must be at least parallelOutbound"},
			{"a time has passed at once", `{"progressTimeout":0}`, "at least 1 second"},
			{"backwards", `{"bandwidthPerMigration":"-1"}`, "must not be negative"},
			{"the network is a setting of its own", `{"network":"x"}`, "must not have"},
			{"a misspelt field", `{"parallelMigrations":1}`, "unknown field"},
		},
		"ntp-servers":     {{"hosts", `{"ntpServers":["0.pool.ntp.org","10.0.0.1","fd00::1"]}`, ""}, {"no URL", `{"ntpServers":["ntp://x"]}`, "ntpServers[0] must be a host name"}, {"once", `{"ntpServers":["a","a"]}`, "ntpServers[1] a is there twice"}},
		"rwx-network":     {{"of its own", `{"share-storage-network":false,"network":{"vlan":5,"clusterNetwork":"mgmt","range":"10.0.0.0/24"}}`, ""}, {"not both", `{"share-storage-network":true,"network":{}}`, "must not be given together"}},
		"server-version":  {{"a release", "v1.8.0", ""}, {"no word", "new", "must be a release"}},
		"ssl-parameters":  {{"both", `{"protocols":"TLSv1.2 TLSv1.3","ciphers":"ECDHE-X"}`, ""}, {"known ones", `{"protocols":"TLSv9","ciphers":"x"}`, "protocols must be one of"}, {"not one alone", `{"protocols":"TLSv1.3"}`, "belong together"}},
		"storage-network": storageNetworks(),
		"ssl-certificates": {
			{"a pair", `{"publicCertificate":` + quoted(certificate) + `,"privateKey":` + quoted(key) + `}`, ""},
			{"none", `{}`, ""},
			{"not one alone", `{"publicCertificate":` + quoted(certificate) + `}`, "belong together"},
			{"not of two", `{"publicCertificate":` + quoted(certificate) + `,"privateKey":` + quoted(otherKey) + `}`, "must be a pair"},
		},
		"support-bundle-file-name":  {{"a file", "site-1.zip", ""}, {"in no folder", "../x", "must be a file's name"}},
		"support-bundle-image":      {{"an image", `{"repository":"a/b","tag":"1","imagePullPolicy":"IfNotPresent"}`, ""}, {"none", `{}`, ""}, {"an image has a tag", `{"repository":"a/b"}`, "tag is missing"}, {"known ways", `{"repository":"a","tag":"1","imagePullPolicy":"Sometimes"}`, "imagePullPolicy must be"}},
		"support-bundle-namespaces": {{"namespaces", "a, b", ""}, {"no words", "A B", "must be the name"}},
		"ui-path":                   {{"a folder", "/usr/share/x", ""}, {"of the root", "x", "begins with a slash"}},
		"upgradable-versions":       {{"releases", "v1.7.0,v1.7.1", ""}, {"no words", "old", "must be a release"}},
		"upgrade-config":            {{"another order", `{"imagePreloadOption":{"strategy":{"type":"parallel","concurrency":2}},"nodeUpgradeOption":{"strategy":{"mode":"manual","pauseNodes":["a"]}},"restoreVM":true,"logReadyTimeout":"5"}`, ""}, {"known ones", `{"imagePreloadOption":{"strategy":{"type":"random"}}}`, "strategy.type must be one of"}, {"a time", `{"logReadyTimeout":"soon"}`, "logReadyTimeout must be a whole number"}},
		"vip-pools":                 {{"networks and ranges", `{"global":"10.0.0.0/24,10.0.1.5-10.0.1.9"}`, ""}, {"forwards", `{"default":"10.0.1.9-10.0.1.5"}`, `"default" must be a network`}},
		"vm-force-reset-policy":     {{"later", `{"enable":true,"period":300}`, ""}, {"not at once", `{"enable":true,"period":0}`, "must be at least 1 second"}, {"an object", "on", "must be a JSON object"}},
		"vm-migration-network":      storageNetworks(),
		"volume-snapshot-class":     {{"a class", "longhorn", ""}, {"no name", "Long Horn", "must be the name"}},
	} {
		known, found := setting.Find(name)
		if !found {
			t.Fatalf("there is no setting %s", name)
		}
		for _, try := range tries {
			got := ""
			if err := known.Check(try.value); err != nil {
				got = err.Error()
			}
			if try.want == "" && got != "" || !strings.Contains(got, try.want) {
				t.Errorf("%s %s (%s): want %q, got %q", name, try.value, try.reason, try.want, got)
			}
		}
	}
}

func storageNetworks() []struct{ reason, value, want string } {
	return []struct{ reason, value, want string }{
		{"a network", `{"vlan":100,"clusterNetwork":"storage","range":"10.0.0.0/24","exclude":["10.0.0.0/28"]}`, ""},
		{"none", `{}`, ""},
		{"a number of a VLAN", `{"vlan":4095,"clusterNetwork":"storage","range":"10.0.0.0/24"}`, "vlan must be between 1 and 4094"},
		{"and not the reserved one", `{"vlan":0,"clusterNetwork":"storage","range":"10.0.0.0/24"}`, "vlan must be between 1 and 4094"},
		{"on some network", `{"vlan":1,"range":"10.0.0.0/24"}`, "clusterNetwork is missing"},
		{"with addresses", `{"vlan":1,"clusterNetwork":"storage","range":"10.0.0.0"}`, "range must be a network"},
		{"by its first address", `{"vlan":1,"clusterNetwork":"storage","range":"10.0.0.7/24"}`, "range must be the network 10.0.0.0/24"},
		{"without some of them", `{"vlan":1,"clusterNetwork":"storage","range":"10.0.0.0/24","exclude":["10.0.1.0/28"]}`, "exclude[0] must be within the range"},
	}
}

// TestEverySettingRefusesSomething holds that a check is one, but for free texts.
func TestEverySettingRefusesSomething(t *testing.T) {
	free := map[string]bool{"rancher-cluster": true, "traefik-default-tls-options": true}
	for _, known := range setting.All {
		if !free[known.Name] && known.Check("\x00 {no such value") == nil {
			t.Errorf("%s takes anything", known.Name)
		}
	}
}
