// Package csi is storage in Croft's words: claims that start as a copy of another or of a snapshot, snapshots of claims,
// and what a site's settings say of each driver. It speaks to every CSI driver alike, through the Kubernetes API alone.
//
// It is the only package that imports the API of volume snapshots. It holds no rules of Croft's own: when something may
// be copied is the business of the capabilities. Begin reading with Clone, Take and Restore.
package csi
