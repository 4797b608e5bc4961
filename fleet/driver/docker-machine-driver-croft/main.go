// Command docker-machine-driver-croft is the plugin that rancher-machine runs for machines of Croft's sites. It decides
// nothing: begin reading in package driver.
package main

import (
	"github.com/rancher/machine/libmachine/drivers/plugin"

	"crofthci.io/croft/fleet/driver"
)

func main() {
	plugin.RegisterDriver(driver.New())
}
