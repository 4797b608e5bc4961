// Package guest runs real machines: one QEMU process each, on the loopback
// network, without any right but opening its own files.
//
// It knows nothing of Kubernetes. A Machine says what the hardware is and Args
// turns it into QEMU's words (pure, begin reading there). Start puts it under
// the launcher (package launch), so that the machine outlives the process that
// asked for it; Adopt finds it again. A Guest is a handle on the running
// machine: its QMP monitor, its serial line, its screen.
package guest
