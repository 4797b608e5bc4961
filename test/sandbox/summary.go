package main

import (
	"fmt"
	"io"
	"path/filepath"
	"text/tabwriter"

	"crofthci.io/croft/test/controlplane"
)

// summary tells a person how to reach everything.
func (s *sandbox) summary(out io.Writer) {
	s.progress.say("sandbox", "everything runs")
	table := tabwriter.NewWriter(out, 0, 0, 2, ' ', 0)
	row := func(what, where string) { fmt.Fprintf(table, "  %s\t%s\n", what, where) }
	if s.has("hub") {
		row("page", s.state.URL)
		row("user", s.access.User)
		row("password", s.access.Password)
		row("hub", "kubectl --kubeconfig="+filepath.Join(s.Dir, "hub", "kubeconfig"))
	}
	for _, name := range s.sites() {
		row(name, "kubectl --kubeconfig="+filepath.Join(s.Dir, name, "kubeconfig"))
	}
	row("guest image", "http://"+controlplane.Address(s.state.Ports["sandbox"]["guests"])+"/guests/croft-tiny.qcow2")
	row("programs", "croft-sandbox status --dir="+s.Dir)
	fmt.Fprintln(table, "Ctrl-C stops it; `make run` continues with its data, `make clean-sandbox` forgets it.")
	table.Flush()
}
