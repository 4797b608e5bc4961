// Package admission refuses volumes that could not work or that their maker may not have, has those that name an image
// wait for its bytes, and keeps those that somebody uses. Begin reading with Webhooks.SetUp.
package admission
