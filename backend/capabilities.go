package main

import (
	"crofthci.io/croft/backend/capability"
	"crofthci.io/croft/backend/cloudconfig"
	"crofthci.io/croft/backend/credential"
	"crofthci.io/croft/backend/image"
	"crofthci.io/croft/backend/keypair"
	"crofthci.io/croft/backend/node"
	"crofthci.io/croft/backend/quota"
	"crofthci.io/croft/backend/setting"
	"crofthci.io/croft/backend/snapshot"
	"crofthci.io/croft/backend/storageclass"
	"crofthci.io/croft/backend/template"
	"crofthci.io/croft/backend/virtualmachine"
	"crofthci.io/croft/backend/volume"
)

// capabilities are what a site can do, in the order a person would tell it.
var capabilities = []capability.Capability{
	virtualmachine.Capability,
	image.Capability,
	template.Capability,
	keypair.Capability,
	cloudconfig.Capability,
	volume.Capability,
	snapshot.Capability,
	storageclass.Capability,
	node.Capability,
	quota.Capability,
	setting.Capability,
	credential.Capability,
}
