// Package site is what the parts of one simulated site share: who they act as,
// where things lie, which addresses belong to whom, and which faults a person
// has ordered.
//
// A site's parts (node, kubelet, handler, storage, importer) each have one
// function Run(ctx, *Site) error and meet nowhere but here. Begin reading at
// Site; then Players (how a part claims pods) and Faults (how trouble is made).
package site
