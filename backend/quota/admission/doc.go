// Package admission refuses what a namespace has no room for: snapshots beyond their limit, limits for what is no
// machine, and quotas of Rancher that are smaller than what is used. Processors and memory themselves are refused by
// Kubernetes. Begin reading with SetUp.
package admission
