package clients

import (
	"testing"

	harvesterv1 "github.com/harvester/harvester/pkg/apis/harvesterhci.io/v1beta1"
	"github.com/harvester/harvester/pkg/settings"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/version"
)

// TestSettings reads every setting that the library knows by its value.
func TestSettings(t *testing.T) {
	s := open(t, "clients-setting")
	known := []settings.Setting{
		settings.AdditionalCA, settings.APIUIVersion, settings.ClusterRegistrationURL, settings.ServerVersion, settings.UIIndex, settings.UIPath,
		settings.UISource, settings.UIPluginIndex, settings.VolumeSnapshotClass, settings.BackupTargetSet, settings.UpgradableVersions,
		settings.UpgradeCheckerEnabled, settings.UpgradeCheckerURL, settings.ReleaseDownloadURL, settings.LogLevel, settings.SSLCertificates,
		settings.SSLParameters, settings.SupportBundleImage, settings.SupportBundleNamespaces, settings.SupportBundleTimeout,
		settings.SupportBundleExpiration, settings.SupportBundleNodeCollectionTimeout, settings.DefaultStorageClass, settings.HTTPProxy,
		settings.VMForceResetPolicySet, settings.OvercommitConfig, settings.VipPools, settings.AutoDiskProvisionPaths, settings.CSIDriverConfig,
		settings.CSIOnlineExpandValidation, settings.ContainerdRegistry, settings.StorageNetwork, settings.DefaultVMTerminationGracePeriodSeconds,
		settings.AutoRotateRKE2CertsSet, settings.KubeconfigTTL, settings.LonghornV2DataEngineEnabled, settings.AdditionalGuestMemoryOverheadRatio,
		settings.RancherCluster, settings.HarvesterCSICCMVersion, settings.NTPServers, settings.UpgradeConfigSet, settings.MaxHotplugRatio,
		settings.VMMigrationNetwork,
	}
	client := s.harvester.HarvesterhciV1beta1().Settings()
	for _, setting := range known {
		found, err := client.Get(t.Context(), setting.Name, metav1.GetOptions{})
		if err != nil {
			t.Errorf("setting %s: %v", setting.Name, err)
			continue
		}
		if found.Default == "" && setting.Default != "" && found.Value == "" {
			t.Errorf("setting %s has no default; Harvester's is %s", setting.Name, setting.Default)
		}
	}
	for name, decode := range map[string]func(string) error{
		settings.VMForceResetPolicySettingName: func(value string) error { _, err := settings.DecodeVMForceResetPolicy(value); return err },
		settings.OvercommitConfigSettingName:   func(value string) error { _, err := settings.DecodeConfig[settings.Overcommit](value); return err },
		settings.UpgradeConfigSettingName:      func(value string) error { _, err := settings.DecodeConfig[settings.UpgradeConfig](value); return err },
		settings.CSIDriverConfigSettingName: func(value string) error {
			_, err := settings.DecodeConfig[map[string]settings.CSIDriverInfo](value)
			return err
		},
		settings.AdditionalGuestMemoryOverheadRatioName: settings.ValidateAdditionalGuestMemoryOverheadRatioHelper,
	} {
		found, err := client.Get(t.Context(), name, metav1.GetOptions{})
		if err != nil {
			t.Errorf("setting %s: %v", name, err)
			continue
		}
		value := found.Value
		if value == "" {
			value = found.Default
		}
		if err := decode(value); err != nil {
			t.Errorf("the library reads %s, %s: %v", name, value, err)
		}
	}
}

// TestServerVersion reads what clients switch features on by.
func TestServerVersion(t *testing.T) {
	s := open(t, "clients-version")
	client := s.harvester.HarvesterhciV1beta1().Settings()
	server, err := client.Get(t.Context(), settings.ServerVersionSettingName, metav1.GetOptions{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := version.ParseSemantic(server.Value); err != nil {
		t.Errorf("the server's version is one: %v", err)
	}
	server.Value = "v9.9.9"
	if _, err := client.Update(t.Context(), server, metav1.UpdateOptions{}); err == nil {
		t.Error("the server's version is not a user's to say")
	}
	if err := client.Delete(t.Context(), server.Name, metav1.DeleteOptions{}); !apierrors.IsMethodNotSupported(err) {
		t.Errorf("a setting is not deleted: %v", err)
	}
}

// TestChangeSetting changes a setting and gives its default back, as the Terraform provider does.
func TestChangeSetting(t *testing.T) {
	s := open(t, "clients-change")
	client := s.harvester.HarvesterhciV1beta1().Settings()
	write := func(value string) error {
		return changed(t.Context(), client.Get, client.Update, settings.SupportBundleTimeoutSettingName, func(setting *harvesterv1.Setting) {
			setting.Value = value
		})
	}
	for _, value := range []string{"11", ""} {
		if err := write(value); err != nil {
			t.Fatalf("the value %q: %v", value, err)
		}
		setting, err := client.Get(t.Context(), settings.SupportBundleTimeoutSettingName, metav1.GetOptions{})
		if err != nil || setting.Value != value {
			t.Errorf("it has the value %q, want %q: %v", setting.Value, value, err)
		}
	}
	if err := write("soon"); !apierrors.IsInvalid(err) {
		t.Errorf("what is no number is invalid: %v", err)
	}
}

// TestPlaces reads what disks and machines are put into.
func TestPlaces(t *testing.T) {
	s := open(t, "clients-places")
	classes, err := s.harvester.StorageV1().StorageClasses().List(t.Context(), metav1.ListOptions{})
	if err != nil || len(classes.Items) == 0 {
		t.Fatalf("storage classes: %v", err)
	}
	chosen := 0
	for _, class := range classes.Items {
		if class.Annotations["storageclass.kubernetes.io/is-default-class"] == "true" {
			chosen++
		}
	}
	if chosen != 1 {
		t.Errorf("one class is the default, not %d", chosen)
	}
	for _, name := range []string{"default", "harvester-public", s.namespace} {
		if _, err := s.kube.CoreV1().Namespaces().Get(t.Context(), name, metav1.GetOptions{}); err != nil {
			t.Errorf("namespace %s: %v", name, err)
		}
	}
	for _, name := range []string{"iso-image-base-template", "raw-image-base-template", "windows-iso-image-base-template"} {
		if _, err := s.harvester.HarvesterhciV1beta1().VirtualMachineTemplates("harvester-public").Get(t.Context(), name, metav1.GetOptions{}); err != nil {
			t.Errorf("template %s: %v", name, err)
		}
	}
}
