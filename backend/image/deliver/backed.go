package deliver

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/backend/capability"
	"crofthci.io/croft/backend/image/proxy"
	"crofthci.io/croft/backend/image/qcow2"
	"crofthci.io/croft/backend/image/source"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/longhorn"
)

// file is the file of a backing image, opened: its bytes, how many they are, and what they are.
type file struct {
	io.Reader
	io.Closer

	size   int64
	format string
}

// backed answers with the file that Longhorn keeps, as it is: nothing is ordered for it. A raw one is read twice for a
// qcow2 file, as any other disk.
func backed(ctx context.Context, caller capability.Caller, image *image, packed bool) (*capability.Stream, error) {
	if image.Spec.StorageClassParameters[longhorn.ParameterEncrypted] == "true" {
		return nil, conflict(image, "The image is encrypted, and so are the bytes that Longhorn has of it. Decrypt it into another image first.")
	}
	kept, err := openBacked(ctx, caller, image)
	if err != nil {
		return nil, err
	}
	name, size, body := image.Spec.DisplayName+".img", kept.size, io.ReadCloser(kept)
	if kept.format == source.FormatQCOW2 {
		name = image.Spec.DisplayName + ".qcow2"
	} else if packed {
		plan, err := qcow2.Survey(kept, kept.size)
		if err := errors.Join(err, kept.Close()); err != nil {
			return nil, fmt.Errorf("read the file of the image: %w", err)
		}
		again, err := openBacked(ctx, caller, image)
		if err != nil {
			return nil, err
		}
		name, size, body = image.Spec.DisplayName+".qcow2", plan.Size(), plan.Reader(again)
	}
	return &capability.Stream{Name: name, ContentType: "application/octet-stream", Size: size, Body: body}, nil
}

// openBacked opens the file that Longhorn keeps, and looks what it is.
func openBacked(ctx context.Context, caller capability.Caller, image *image) (*file, error) {
	written := &corev1.ConfigMap{}
	key := types.NamespacedName{Namespace: harvesterv1.SystemNamespace, Name: proxy.ConfigMap}
	if err := client.IgnoreNotFound(caller.Client.Get(ctx, key, written)); err != nil {
		return nil, fmt.Errorf("find Longhorn's manager: %w", err)
	}
	body, size, err := proxy.Longhorn(written).Open(ctx, image.BackingImage())
	if err != nil {
		return nil, apierrors.NewServiceUnavailable("Longhorn does not give the file now: " + err.Error() + ".")
	}
	reader := bufio.NewReaderSize(body, source.HeadBytes)
	head, err := reader.Peek(source.HeadBytes)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, errors.Join(fmt.Errorf("read the file of the image: %w", err), body.Close())
	}
	return &file{Reader: reader, Closer: body, size: size, format: source.Of(head, size).Format}, nil
}
