package upload

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"

	corev1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/types"

	"crofthci.io/croft/backend/capability"
	"crofthci.io/croft/backend/image/proxy"
	"crofthci.io/croft/backend/image/source"
	"crofthci.io/croft/pkg/admission"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/cdi"
	"crofthci.io/croft/pkg/longhorn"
)

type image = harvesterv1.VirtualMachineImage

// Unless says why an image takes no upload now, "" when it does.
func Unless(image *image) string {
	if image.DeletionTimestamp != nil {
		return "The image is being removed."
	}
	if image.Spec.SourceType != harvesterv1.ImageSourceUpload {
		return fmt.Sprintf("The bytes of this image are not uploaded: its sourceType is %s.", image.Spec.SourceType)
	}
	if image.Ready() {
		return "The image has its bytes already. Make another one for other bytes."
	}
	if attempt, ok := Of(image); ok && attempt.UnderWay(image) {
		return "An upload of this image is under way."
	}
	return ""
}

// Receive takes the bytes of an image from a client. It returns when CDI has all of them, and leaves nothing of them when
// it fails.
func Receive(ctx context.Context, caller capability.Caller, image *image, body capability.Body) error {
	size, err := sizeOf(body.Options)
	if err != nil {
		return err
	}
	file, err := open(body)
	if err != nil {
		return err
	}
	from := bufio.NewReaderSize(file, source.HeadBytes)
	head, err := from.Peek(source.HeadBytes)
	if err != nil && !errors.Is(err, io.EOF) {
		return broke(int64(len(head)), size, err)
	}
	if len(head) == 0 {
		return capability.Refuse(field, "The file is empty.")
	}
	holds := source.Of(head, size)
	if err := unlessBackable(image, holds, size); err != nil {
		return err
	}
	s, err := begin(ctx, caller, image, size, holds.VirtualSize)
	if err != nil {
		return err
	}
	bytes := newExact(from, size, image.Spec.Checksum)
	send := s.send
	if image.IsBacked() {
		send = s.sendBacked
	}
	err = s.while(ctx, &bytes.read, func(ctx context.Context) error { return send(ctx, caller, bytes) })
	return s.end(ctx, bytes.read.Load(), err)
}

// send waits for the volume and hands the bytes on.
func (s *session) send(ctx context.Context, caller capability.Caller, bytes *exact) error {
	to, err := proxyOf(ctx, caller)
	if err != nil {
		return err
	}
	if err := s.awaitVolume(ctx); err != nil {
		return err
	}
	request := &cdi.UploadTokenRequest{ObjectMeta: metav1.ObjectMeta{Namespace: s.key.Namespace, Name: s.key.Name}}
	request.Spec.PvcName = s.key.Name
	if err := caller.Client.Create(ctx, request); err != nil {
		return fmt.Errorf("ask CDI for leave to upload: %w", err)
	}
	return s.answer(ctx, bytes, to.Send(ctx, request.Status.Token, bytes.size, bytes))
}

// answer is what a client is told of what became of its bytes.
func (s *session) answer(ctx context.Context, bytes *exact, err error) error {
	if problem := bytes.problem(); problem != nil {
		return problem // what is said of a file that broke off is only that
	}
	if err != nil && ctx.Err() != nil {
		return broke(bytes.read.Load(), bytes.size, errors.New("the client went away"))
	}
	return answerOf(err)
}

// proxyOf finds CDI's upload proxy, by what the controllers have written down for everybody to read.
func proxyOf(ctx context.Context, caller capability.Caller) (cdi.Proxy, error) {
	written := &corev1.ConfigMap{}
	key := types.NamespacedName{Namespace: harvesterv1.SystemNamespace, Name: proxy.ConfigMap}
	err := caller.Client.Get(ctx, key, written)
	if apierrors.IsNotFound(err) {
		return cdi.Proxy{}, apierrors.NewServiceUnavailable(
			"Nothing can be uploaded yet: croft-backend manage has not found CDI's upload proxy. Try again in a minute.")
	}
	if err != nil {
		return cdi.Proxy{}, fmt.Errorf("find CDI's upload proxy: %w", err)
	}
	return proxy.Read(written), nil
}

// answerOf is what a client is told of a refusal: bytes that are no disk or do not fit are the client's to change. Longhorn
// does not tell such from others.
func answerOf(err error) error {
	if refused, ok := errors.AsType[*longhorn.RefusedError](err); ok {
		return apierrors.NewServiceUnavailable("Longhorn does not take the file now: " + refused.Error() + ".")
	}
	refused, ok := errors.AsType[*cdi.RefusedError](err)
	switch {
	case !ok:
		return err
	case refused.Status == http.StatusBadRequest:
		return capability.Refuse(field, "CDI does not take the file: %s.", refused)
	default:
		return apierrors.NewServiceUnavailable("CDI does not take the file now: " + refused.Error() + ".")
	}
}

// conflict refuses what something is in the way of.
func conflict(name, format string, args ...any) error {
	return admission.Conflict(harvesterv1.VirtualMachineImages.GroupResource(), name, format, args...)
}
