// Package admission fills in what a client left out of a virtual machine, and refuses a machine that could not work.
//
// The rules are lists of small functions: Changes fill in, Fields find wrong fields and ask nobody, Checks ask the API
// server about images and volumes, as the user where the user could not read them. KubeVirt's own webhooks run as well
// and check everything that is KubeVirt's. Begin reading with SetUp.
package admission
