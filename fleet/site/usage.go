package site

import (
	"encoding/json"
	"fmt"

	"crofthci.io/croft/fleet/index"
)

// usagePath is where the metrics API says what each node uses.
const usagePath = "/apis/metrics.k8s.io/v1beta1/nodes"

// usage is what the nodes use together, in cores and bytes.
type usage struct {
	cpu, memory float64
}

func usageOf(list []byte) (usage, error) {
	var read struct {
		Items []struct {
			Usage struct {
				CPU    index.Amount `json:"cpu"`
				Memory index.Amount `json:"memory"`
			} `json:"usage"`
		} `json:"items"`
	}
	if err := json.Unmarshal(list, &read); err != nil {
		return usage{}, fmt.Errorf("read what the nodes use: %w", err)
	}
	var sum usage
	for _, item := range read.Items {
		sum.cpu += item.Usage.CPU.AsApproximateFloat64()
		sum.memory += item.Usage.Memory.AsApproximateFloat64()
	}
	return sum, nil
}

// longhornPath is where Longhorn says how its disks are.
const longhornPath = "/apis/longhorn.io/v1beta2/nodes"

// storage is what there is of disks and what of it is taken, in bytes.
type storage struct {
	capacity, used float64
}

// storageOf adds up Longhorn's disks. A site where Longhorn has none yet has no storage.
func storageOf(list []byte) (*storage, error) {
	var read struct {
		Items []struct {
			Status struct {
				DiskStatus map[string]struct {
					StorageMaximum   float64 `json:"storageMaximum"`
					StorageAvailable float64 `json:"storageAvailable"`
				} `json:"diskStatus"`
			} `json:"status"`
		} `json:"items"`
	}
	if err := json.Unmarshal(list, &read); err != nil {
		return nil, fmt.Errorf("read Longhorn's disks: %w", err)
	}
	sum := &storage{}
	for _, item := range read.Items {
		for _, disk := range item.Status.DiskStatus {
			sum.capacity += max(0, disk.StorageMaximum)
			sum.used += max(0, disk.StorageMaximum-disk.StorageAvailable)
		}
	}
	return sum, nil
}
