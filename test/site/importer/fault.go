package importer

import (
	"context"
	"errors"
	"fmt"
	"io"
	"syscall"
	"time"

	corev1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	cdiv1 "kubevirt.io/containerized-data-importer-api/pkg/apis/core/v1beta1"
	"sigs.k8s.io/controller-runtime/pkg/client"
)

// FaultImport on a claim or a data volume troubles what fills it: "fail",
// "reset" (the source hangs up half way), "no-space" (the volume is full half
// way), or how long the download takes.
const FaultImport = "import"

// fault finds the trouble ordered for what a pod fills: the pod, its claim, the
// claim that this one stands in for, and the data volume of either's name.
func (w *worker) fault(ctx context.Context) (string, error) {
	claim, err := w.claim(ctx)
	if err != nil {
		return "", err
	}
	objects := []metav1.Object{w.pod, claim}
	names := []string{claim.Name}
	if owner := metav1.GetControllerOf(claim); owner != nil {
		names = append(names, owner.Name)
		var target corev1.PersistentVolumeClaim
		err := w.site.Client.Get(ctx, client.ObjectKey{Namespace: claim.Namespace, Name: owner.Name}, &target)
		if client.IgnoreNotFound(err) != nil {
			return "", err
		}
		if err == nil {
			objects = append(objects, &target)
		}
	}
	for _, name := range names {
		var volume cdiv1.DataVolume
		err := w.site.Client.Get(ctx, client.ObjectKey{Namespace: claim.Namespace, Name: name}, &volume)
		if err == nil {
			objects = append(objects, &volume)
		}
	}
	for _, object := range objects {
		if value, ordered := w.site.Faults.Of(FaultImport, object); ordered {
			return value, nil
		}
	}
	return "", nil
}

// troubled passes a source's bytes on as the ordered trouble lets them.
func troubled(ctx context.Context, fault string, source io.Reader, total int64) (io.Reader, error) {
	switch fault {
	case "":
		return source, nil
	case "fail":
		return nil, errors.New("the importer was told to fail")
	case "reset":
		return &breaking{source: source, left: total / 2, cause: fmt.Errorf("read tcp: %w", syscall.ECONNRESET)}, nil
	case "no-space":
		return &breaking{source: source, left: total / 2, cause: fmt.Errorf("write /dev/cdi-block-volume: %w", syscall.ENOSPC)}, nil
	}
	slow, err := time.ParseDuration(fault)
	if err != nil {
		return nil, fmt.Errorf("fault %s: %q is none of fail, reset, no-space and a duration", FaultImport, fault)
	}
	return &pacing{ctx: ctx, source: source, total: total, began: time.Now(), whole: slow}, nil
}

// breaking ends with an error when so many bytes were read.
type breaking struct {
	source io.Reader
	left   int64
	cause  error
}

// Read reads up to the breaking point.
func (b *breaking) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, b.cause
	}
	n, err := b.source.Read(p[:min(int64(len(p)), b.left)])
	b.left -= int64(n)
	return n, err
}

// pacing spreads a source's bytes evenly over a time.
type pacing struct {
	ctx    context.Context
	source io.Reader
	total  int64
	read   int64
	began  time.Time
	whole  time.Duration
}

// step is how often a paced source gives bytes.
const step = 100 * time.Millisecond

// Read waits for its share of the time, then reads its share of the bytes.
func (s *pacing) Read(p []byte) (int, error) {
	share := max(1, s.total*int64(step)/int64(max(s.whole, step)))
	n, err := s.source.Read(p[:min(int64(len(p)), share)])
	s.read += int64(n)
	if s.total > 0 {
		due := time.Duration(float64(s.whole) * float64(s.read) / float64(s.total))
		if wait := due - time.Since(s.began); wait > 0 && s.read < s.total {
			if err := pause(s.ctx, wait); err != nil {
				return n, err
			}
		}
	}
	return n, err
}
