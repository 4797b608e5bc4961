package csi

import (
	"encoding/json"
	"fmt"
	"strings"
)

// Snapshots says which snapshot classes a driver's snapshots have.
type Snapshots struct {
	// VolumeSnapshotClassName is for snapshots that stay in the cluster.
	VolumeSnapshotClassName string `json:"volumeSnapshotClassName"`
	// BackupVolumeSnapshotClassName is for those that leave it.
	BackupVolumeSnapshotClassName string `json:"backupVolumeSnapshotClassName"`
}

// ParseDrivers reads the setting csi-driver-config: the snapshot classes of each driver, by its name.
func ParseDrivers(value string) (map[string]Snapshots, error) {
	drivers := map[string]Snapshots{}
	if strings.TrimSpace(value) == "" {
		return drivers, nil
	}
	if err := json.Unmarshal([]byte(value), &drivers); err != nil {
		return nil, fmt.Errorf("must be a JSON object of a driver's name to volumeSnapshotClassName and backupVolumeSnapshotClassName: %w", err)
	}
	return drivers, nil
}

// ParseGrowing reads the setting csi-online-expand-validation: whether the volumes of a driver, by its name, may grow
// while they are in use.
func ParseGrowing(value string) (map[string]bool, error) {
	drivers := map[string]bool{}
	if strings.TrimSpace(value) == "" {
		return drivers, nil
	}
	if err := json.Unmarshal([]byte(value), &drivers); err != nil {
		return nil, fmt.Errorf("must be a JSON object of a driver's name to true or false: %w", err)
	}
	return drivers, nil
}
