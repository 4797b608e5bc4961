// Package entrust moves the credentials of the setting backup-target into a secret, as Harvester does, so that who may read
// settings need not be who may write backups. The setting keeps the rest, with the credentials blank; who changes the rest
// and leaves them blank keeps those that were there. Another server (endpoint) is not told them: they must be given again. A
// target that needs none takes them away.
//
// The secret is the chart's, empty at first, so that no right to make secrets is needed. Begin reading with
// Controller.obey.
package entrust
