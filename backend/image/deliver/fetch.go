package deliver

import (
	"context"
	"fmt"
	"io"
	"time"

	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/rand"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/backend/capability"
	"crofthci.io/croft/backend/image/qcow2"
	"crofthci.io/croft/pkg/admission"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
)

// How often is looked whether an order is there, how long it may take, and how long it may take to be taken away.
const (
	look     = time.Second
	patience = 5 * time.Minute
	farewell = 10 * time.Second
)

// Fetch answers with the file of an image: the disk as it is stored, or as qcow2 when the image has a downloader.
func Fetch(ctx context.Context, caller capability.Caller, image *image) (*capability.Stream, error) {
	if !image.Ready() {
		return nil, conflict(image, "The image has no bytes to download yet.")
	}
	downloader := &harvesterv1.VirtualMachineImageDownloader{}
	err := caller.Client.Get(ctx, client.ObjectKeyFromObject(image), downloader)
	if client.IgnoreNotFound(err) != nil {
		return nil, fmt.Errorf("look for the image's downloader: %w", err)
	}
	if image.IsBacked() {
		return backed(ctx, caller, image, err == nil)
	}
	if err != nil {
		return raw(ctx, caller, image)
	}
	return compressed(ctx, caller, image)
}

// Cancel takes the downloader of an image away, and the copy that it has made ready.
func Cancel(ctx context.Context, caller capability.Caller, image *image) (any, error) {
	downloader := &harvesterv1.VirtualMachineImageDownloader{}
	downloader.Namespace, downloader.Name = image.Namespace, image.Name
	if err := client.IgnoreNotFound(caller.Client.Delete(ctx, downloader)); err != nil {
		return nil, fmt.Errorf("remove the image's downloader: %w", err)
	}
	return nil, nil
}

// raw orders a copy for this one download, and takes it away after it.
func raw(ctx context.Context, caller capability.Caller, image *image) (*capability.Stream, error) {
	const suffix = 10
	o := order{caller.Client, types.NamespacedName{Namespace: image.Namespace, Name: "download-" + rand.String(suffix)}}
	if err := o.place(ctx, image, nil); err != nil {
		o.leave(ctx)
		return nil, err
	}
	body, size, err := o.fetch(ctx, image)
	if err != nil {
		o.leave(ctx)
		return nil, err
	}
	return &capability.Stream{
		Name: image.Spec.DisplayName + ".img", ContentType: "application/octet-stream", Size: size,
		Body: closing{body, func() { o.leave(ctx) }},
	}, nil
}

// leave takes the order away, also for a client that is gone. What is left of one that cannot be taken away ends with its
// time.
func (o order) leave(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), farewell)
	defer cancel()
	_ = o.cancel(ctx)
}

// fetch waits for an order's door and opens it.
func (o order) fetch(ctx context.Context, of *image) (io.ReadCloser, int64, error) {
	var d door
	var reason string
	err := wait.PollUntilContextTimeout(ctx, look, patience, true, func(ctx context.Context) (bool, error) {
		var err error
		d, reason, err = o.find(ctx)
		return reason == "" && err == nil, err
	})
	if wait.Interrupted(err) && ctx.Err() == nil {
		return nil, 0, conflict(of, "The image cannot be downloaded now: %s. Try again later.", reason)
	}
	if err != nil {
		return nil, 0, err
	}
	return d.open(ctx)
}

// compressed reads the downloader's copy twice: to find what is empty, and to send the rest.
func compressed(ctx context.Context, caller capability.Caller, image *image) (*capability.Stream, error) {
	o := order{caller.Client, exportOf(image)}
	disk, size, err := o.fetch(ctx, image)
	if err != nil {
		return nil, err
	}
	plan, err := qcow2.Survey(disk, size)
	disk.Close()
	if err != nil {
		return nil, err
	}
	again, _, err := o.fetch(ctx, image)
	if err != nil {
		return nil, err
	}
	return &capability.Stream{
		Name: image.Spec.DisplayName + ".qcow2", ContentType: "application/octet-stream", Size: plan.Size(), Body: plan.Reader(again),
	}, nil
}

// exportOf is the order of an image's downloader. Of a name that another image had before, there may be one as well.
func exportOf(of *image) types.NamespacedName {
	return types.NamespacedName{Namespace: of.Namespace, Name: "downloader-" + string(of.UID)}
}

// closing does something more when it is closed.
type closing struct {
	io.ReadCloser

	then func()
}

// Close closes what is read, then does the rest.
func (c closing) Close() error {
	defer c.then()
	return c.ReadCloser.Close()
}

func conflict(of *image, format string, args ...any) error {
	return admission.Conflict(harvesterv1.VirtualMachineImages.GroupResource(), of.Name, format, args...)
}
