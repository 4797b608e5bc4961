// Package importer plays the worker pods of CDI, the Containerized Data
// Importer: those that download an image into a volume, that take an upload,
// that copy a volume from one class to another, and the small ones that only
// have to run. CDI's own controllers make these pods, read their termination
// messages and scrape their progress; this package does what runs inside them,
// with real bytes, and says it in CDI's words.
//
// KubeVirt's exports are pods of the same kind, and played here as well.
//
// It follows CDI 1.65, whose importer (pkg/importer/http-datasource.go, data-processor.go, cmd/cdi-importer) is made of C
// libraries and container tools and runs in a pod only. An image from HTTP is one GET into scratch space, summed up as it
// comes, then converted: nbdkit with its curl plugin and its filter retry looks at the disk's size beforehand and moves none
// of the bytes. So a server that hangs up half way is not asked for the rest, whatever it says of ranges: the importer ends
// with "unexpected EOF" and status 1, its kubelet starts it again, and it begins from the first byte. (Releases of CDI before
// had qemu-img read through nbdkit, which did ask again.) A wrong checksum ends it with status 0 and a message that CDI's
// controller knows.
//
// It is no CDI: which pod is needed when is decided upstream. Sources other than
// HTTP(S) and archives are refused as CDI refuses what it does not know.
//
// Begin reading at Run and programs, then play.go for a pod's life and source.go
// for an import. README.md says which troubles can be ordered.
package importer

import (
	"context"
	"fmt"
	"os"
	"path/filepath"

	corev1 "k8s.io/api/core/v1"

	"crofthci.io/croft/test/site/site"
)

// component is the label by which CDI names what a pod is for.
const component = "cdi.kubevirt.io"

// program does what the first container of a pod does. Its answer is the
// termination message, an error ends the container with status 1.
type program func(ctx context.Context, w *worker) (message string, err error)

// programs are CDI's workers by their component.
var programs = map[string]program{
	"importer":          importImage,
	"cdi-upload-server": serveUpload,
	"cdi-clone-source":  sendClone,
}

// Run plays CDI's worker pods until the context ends.
func Run(ctx context.Context, s *site.Site) error {
	// What an earlier process was busy with begins anew.
	if err := os.RemoveAll(filepath.Join(s.Data, "scratch")); err != nil {
		return fmt.Errorf("importer: %w", err)
	}
	s.Players.Register(isExporter, func(playing context.Context, pod *corev1.Pod) { play(playing, s, pod) })
	s.Players.Register(isWorker, func(playing context.Context, pod *corev1.Pod) { play(playing, s, pod) })
	<-ctx.Done()
	return nil
}

func isWorker(pod *corev1.Pod) bool {
	_, worker := pod.Labels[component]
	return worker
}

// programOf is what a pod runs. What has no program here only has to have run,
// like the pod that makes a kubelet grow a file system.
func programOf(pod *corev1.Pod) program {
	if isExporter(pod) {
		return serveExport
	}
	if p, ok := programs[pod.Labels[component]]; ok {
		return p
	}
	return func(context.Context, *worker) (string, error) { return "", nil }
}
