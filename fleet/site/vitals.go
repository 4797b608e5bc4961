package site

import (
	"context"
	"time"

	"crofthci.io/croft/fleet/collect"
	fleetv1 "crofthci.io/croft/pkg/apis/fleet/v1alpha1"
)

// vitals are what is read of a site now and then. Each is one small answer; nothing of it is worth a watch at every site.
type vitals struct {
	// known says that all has been read once since the hub began.
	known bool
	// version is the site's setting server-version.
	version string
	// complaints are what KubeVirt and CDI say against themselves.
	complaints []string
	// cpu and memory are how much the nodes really use, in cores and bytes; zero where nobody measures it.
	cpu, memory float64
	// storage is what Longhorn says of its disks; nil where there is none.
	storage *storage
	// webhook is what signs Croft's webhooks there; nil where there are none.
	webhook *fleetv1.Credential
}

// reader reads one thing of a site's Kubernetes API.
type reader interface {
	Read(ctx context.Context, path string) ([]byte, error)
}

// How often a site's vitals are read, and how soon again where it did not answer.
const (
	vitalsRead  = time.Minute
	vitalsAgain = time.Second
)

// readVitals reads what can be read. What the site does not serve, or does not let be read, it does not have; what could
// not be read for another reason stays as it was, and the error says so.
func readVitals(ctx context.Context, from reader, before vitals) (vitals, error) {
	version, err := readVersion(ctx, from)
	if err != nil {
		return before, err
	}
	after := before
	after.known, after.version = true, version
	after.complaints = nil
	for _, each := range operators {
		complaints, err := readOr(ctx, from, each.path, each.complaints)
		if err != nil {
			return before, err
		}
		after.complaints = append(after.complaints, complaints...)
	}
	used, err := readOr(ctx, from, usagePath, usageOf)
	if err != nil {
		return before, err
	}
	after.cpu, after.memory = used.cpu, used.memory
	if after.storage, err = readOr(ctx, from, longhornPath, storageOf); err != nil {
		return before, err
	}
	if after.webhook, err = readOr(ctx, from, webhookPath, webhookOf); err != nil {
		return before, err
	}
	return after, nil
}

// readOr reads and understands one answer; nothing where the site has none for the hub.
func readOr[T any](ctx context.Context, from reader, path string, understand func([]byte) (T, error)) (T, error) {
	var none T
	text, err := from.Read(ctx, path)
	if collect.IsRefused(err) {
		return none, nil
	}
	if err != nil {
		return none, err
	}
	return understand(text)
}
