package bench

import (
	"context"
	"testing"

	"k8s.io/apimachinery/pkg/runtime"
	clientgoscheme "k8s.io/client-go/kubernetes/scheme"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/test/bench/farm"
)

// theirs is what was seen of Steve.
type theirs struct {
	machines     int
	fill         figures
	memory, disk int64
	// pages are by the question's name.
	pages map[string]outcome
}

// measureSteve has Steve follow one server with the machines of all sites, and asks it what it can be asked. One Steve for
// each site would cost the memory of each, and no page shows the machines of several; so Steve is given what suits it best.
func measureSteve(b testing.TB, spec farm.Spec, e effort) theirs {
	b.Helper()
	spec.Joined = true
	f, err := farm.Start(spec)
	if err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(b.Context())
	defer func() {
		cancel()
		if err := f.Stop(); err != nil {
			b.Error(err)
		}
	}()
	folder := b.TempDir()
	b.Setenv("TMPDIR", folder) // Steve keeps its cache there
	empty := memory(b)
	scheme := runtime.NewScheme()
	if err := clientgoscheme.AddToScheme(scheme); err != nil {
		b.Fatal(err)
	}
	live, err := client.New(f.Config(0), client.Options{Scheme: scheme})
	if err != nil {
		b.Fatal(err)
	}
	seen := theirs{machines: spec.Sites * spec.Machines, pages: map[string]outcome{}}
	peer := startSteve(ctx, b, f.Config(0), live, seen.machines)
	seen.fill, seen.memory, seen.disk = peer.fill, memory(b)-empty, folderSize(b, folder)
	for _, q := range questions {
		if q.steve != "" {
			seen.pages[q.name] = e.run(b, peer.handler, q.who, stevePath+"?page=1&pagesize=100&"+q.steve)
		}
	}
	return seen
}
