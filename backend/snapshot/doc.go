// Package snapshot is the volume snapshots of a site: how far each has come, and volumes made of what they have kept.
// README.md beside this file is the page for people. Snapshots are taken by the action snapshot of a volume; whole
// machines are the business of their own snapshots.
//
// Begin reading with Actions.
package snapshot
