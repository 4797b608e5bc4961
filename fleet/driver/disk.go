package driver

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/validation"

	"crofthci.io/croft/pkg/multus"
)

// disk is one of the machine's disks: a copy of an image, or blank.
type disk struct {
	// ImageName is namespace/name of the image, "" for a blank disk.
	ImageName string `json:"imageName,omitempty"`
	// StorageClassName is the class; default the image's, or the site's.
	StorageClassName string `json:"storageClassName,omitempty"`
	// Size in GiB.
	Size gibibytes `json:"size"`
	// BootOrder is 1 for the disk to boot from; 0 is none.
	BootOrder gibibytes `json:"bootOrder,omitempty"`
	// Bus is virtio (the default), scsi, sata or usb.
	Bus string `json:"bus,omitempty"`
	// Type is disk (the default) or cd-rom.
	Type string `json:"type,omitempty"`
	// HotPlugAble disks can be plugged out while the machine runs.
	HotPlugAble bool `json:"hotPlugAble,omitempty"`
}

// gibibytes is a whole number that pages write as text, too.
type gibibytes int

// UnmarshalJSON reads a number, or a text that is one.
func (g *gibibytes) UnmarshalJSON(text []byte) error {
	number, err := strconv.Atoi(strings.Trim(string(text), `"`))
	if err != nil {
		return fmt.Errorf("%s is no whole number", text)
	}
	*g = gibibytes(number)
	return nil
}

// image is the image of a disk.
func (d disk) image() types.NamespacedName { return multus.Named(d.ImageName, "") }

// usualSize of the only disk, in GiB.
const usualSize = "40"

// Limits of disks.
const (
	mostDisks    = 64
	mostGibibyte = 64 << 10
)

// disksOf are the disks that are asked for.
func disksOf(storage Storage, wrong *problems) []disk {
	disks := struct {
		Disks []disk `json:"disks"`
	}{}
	if storage.DiskInfo == "" {
		return []disk{onlyDisk(storage, wrong)}
	}
	if storage.ImageName != "" || storage.DiskSize != "" || storage.DiskBus != "" {
		wrong.add("disk-info", "says all of the disks: leave image-name, disk-size and disk-bus empty")
	}
	if err := decode(storage.DiskInfo, &disks); err != nil {
		wrong.add("disk-info", "cannot be read: %s", err)
		return nil
	}
	if len(disks.Disks) == 0 || len(disks.Disks) > mostDisks {
		wrong.add("disk-info", "must have 1 to %d disks", mostDisks)
		return nil
	}
	var orders []gibibytes
	for i := range disks.Disks {
		d := &disks.Disks[i]
		d.complete()
		for _, sentence := range d.wrong() {
			wrong.add("disk-info", "disk %d: %s", i, sentence)
		}
		if d.BootOrder > 0 && slices.Contains(orders, d.BootOrder) {
			wrong.add("disk-info", "disk %d: another has bootOrder %d as well", i, d.BootOrder)
		}
		orders = append(orders, d.BootOrder)
	}
	if slices.Max(orders) == 0 {
		disks.Disks[0].BootOrder = 1
	}
	return disks.Disks
}

// onlyDisk is the disk of Harvester's older flags.
func onlyDisk(storage Storage, wrong *problems) disk {
	d := disk{ImageName: storage.ImageName, BootOrder: 1, Bus: storage.DiskBus}
	if storage.ImageName == "" {
		wrong.add("image-name", "is needed, or --croft-disk-info: a machine boots from a disk")
		return d
	}
	size := storage.DiskSize
	if size == "" {
		size = usualSize
	}
	number, err := strconv.Atoi(size)
	if err != nil {
		wrong.add("disk-size", "must be a whole number of GiB")
		return d
	}
	d.Size = gibibytes(number)
	d.complete()
	for _, sentence := range d.wrong() {
		wrong.add("image-name", "and the flags beside it: %s", sentence)
	}
	return d
}

// complete fills in what is usual.
func (d *disk) complete() {
	if d.Bus == "" {
		d.Bus = "virtio"
	}
	if d.Type == "" {
		d.Type = "disk"
	}
}

// wrong is what cannot be of a disk.
func (d *disk) wrong() []string {
	var sentences []string
	if d.ImageName != "" && !isFullName(d.ImageName) {
		sentences = append(sentences, "imageName must be namespace/name of an image")
	}
	if d.StorageClassName != "" && len(validation.IsDNS1123Subdomain(d.StorageClassName)) > 0 {
		sentences = append(sentences, "storageClassName is no name of a storage class")
	}
	if d.Size < 1 || d.Size > mostGibibyte {
		sentences = append(sentences, fmt.Sprintf("size must be from 1 to %d GiB", mostGibibyte))
	}
	if d.BootOrder < 0 || d.BootOrder > mostDisks {
		sentences = append(sentences, fmt.Sprintf("bootOrder must be from 0 to %d", mostDisks))
	}
	if !slices.Contains([]string{"virtio", "scsi", "sata", "usb"}, d.Bus) {
		sentences = append(sentences, "bus must be virtio, scsi, sata or usb")
	}
	if d.Type != "disk" && d.Type != "cd-rom" {
		sentences = append(sentences, "type must be disk or cd-rom")
	}
	if d.Type == "cd-rom" && d.Bus == "virtio" {
		sentences = append(sentences, "a cd-rom cannot be on the bus virtio")
	}
	if d.HotPlugAble && (d.Bus != "scsi" || d.BootOrder > 0) {
		sentences = append(sentences, "hotPlugAble needs the bus scsi, and no bootOrder")
	}
	return sentences
}

// isFullName says whether a text is namespace/name.
func isFullName(text string) bool {
	namespace, name, found := strings.Cut(text, "/")
	return found && len(validation.IsDNS1123Label(namespace)) == 0 && len(validation.IsDNS1123Subdomain(name)) == 0
}

// decode reads JSON, or its base64, without fields that nobody knows. What is in it is not repeated: a flag may hold a
// secret by mistake.
func decode(text string, into any) error {
	decoder := json.NewDecoder(strings.NewReader(plain(text)))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(into); err != nil {
		return fmt.Errorf("it must be JSON in the form that the README shows (%s)", kindOf(err))
	}
	if decoder.More() {
		return fmt.Errorf("it must be one JSON object")
	}
	return nil
}
