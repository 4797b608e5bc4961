// Package walk goes the whole way as a user, in an empty namespace: image, key, template, machine, hotplug, clone, migration,
// and everything away again. Once over /v1/harvester alone, once with kubectl alone.
package walk
