// Nocloud is what the tiny guest has in place of cloud-init: it finds the
// NoCloud disk (an ISO 9660 or FAT volume labelled cidata), and does what its
// meta-data and user-data ask for. It understands the part of cloud-config that
// people write for a first machine: hostname, users and their SSH keys,
// passwords, write_files, bootcmd and runcmd, or a plain script; network-config
// of version 1 and 2 for static addresses; and growing the root file system to
// the size of its disk. It is no general cloud-init: what it does not know it
// names on the console and leaves alone.
//
// Begin with main for the verbs, then config.go for what is read.
package main

import (
	"fmt"
	"os"
	"path/filepath"
)

// verbs are the words that the guest's boot script says, in their order.
var verbs = map[string]func() error{
	"grow":      growRoot,
	"init":      initialise,
	"addresses": printAddresses,
	"final":     finalise,
}

func main() {
	switch filepath.Base(os.Args[0]) {
	case "sudo":
		report(sudo(os.Args[1:]))
		os.Exit(1)
	case "chpasswd":
		if err := chpasswd(os.Stdin); err != nil {
			report(err)
			os.Exit(1)
		}
		return
	}
	if len(os.Args) != 2 || verbs[os.Args[1]] == nil {
		fmt.Fprintln(os.Stderr, "usage: nocloud grow|init|addresses|final")
		os.Exit(2)
	}
	if err := verbs[os.Args[1]](); err != nil {
		report(err)
		os.Exit(1)
	}
}

// report says on the console what went wrong; the guest boots on.
func report(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "nocloud:", err)
	}
}
