// Package announce notes on an instance that it migrates, for the clients of Harvester's API that look there: the
// annotations harvesterhci.io/migrationState, harvesterhci.io/migrationUID and harvesterhci.io/migrationTargetNodeName.
// They are there while a migration is under way and are gone when none is.
//
// It moves nothing, and nothing here reads what it notes. Begin reading with Noted.
package announce
