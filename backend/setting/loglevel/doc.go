// Package loglevel has a program log as much as the setting log-level says, from the moment on that it says so. While
// nobody has set a value, the program's own flag counts. It holds for the programs of Croft that run in the site, not for
// those of others. Begin reading with Follow.
package loglevel
