package upload

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/wait"
	"sigs.k8s.io/controller-runtime/pkg/client"

	"crofthci.io/croft/backend/capability"
	"crofthci.io/croft/backend/image/proxy"
	"crofthci.io/croft/backend/image/source"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/longhorn"
)

// unlessBackable refuses a file that Longhorn would take and could make no volume of.
func unlessBackable(image *image, holds source.File, size int64) error {
	switch {
	case !image.IsBacked():
		return nil
	case !source.Backable(holds.Format):
		return capability.Refuse(field, "A backing image is a qcow2, raw or ISO file, and this one is %s: unpack or convert it first.", holds.Format)
	case size%longhorn.SectorBytes != 0:
		return capability.Refuse(option, "Longhorn takes files of whole sectors of %d bytes, and size is %d.", longhorn.SectorBytes, size)
	}
	return nil
}

// sendBacked waits for the backing image and hands the bytes on. Longhorn asks nobody who he is: that the caller may do this
// was asked when the upload was written into the image.
func (s *session) sendBacked(ctx context.Context, caller capability.Caller, bytes *exact) error {
	written := &corev1.ConfigMap{}
	key := types.NamespacedName{Namespace: harvesterv1.SystemNamespace, Name: proxy.ConfigMap}
	if err := client.IgnoreNotFound(caller.Client.Get(ctx, key, written)); err != nil {
		return fmt.Errorf("find Longhorn's manager: %w", err)
	}
	if err := s.awaitBacked(ctx); err != nil {
		return err
	}
	of := &image{}
	if err := s.client.Get(ctx, s.key, of); err != nil {
		return fmt.Errorf("look at the image: %w", err)
	}
	var failed error
	err := wait.PollUntilContextTimeout(ctx, look, patience, true, func(context.Context) (bool, error) { // sending has no limit
		failed = proxy.Longhorn(written).Send(ctx, of.BackingImage(), bytes.size, bytes)
		_, refused := errors.AsType[*longhorn.RefusedError](failed)
		return !refused || bytes.read.Load() > 0, nil // the pod that takes the bytes may need a moment more than its state
	})
	if failed == nil && err != nil {
		failed = err
	}
	return s.answer(ctx, bytes, failed)
}

// awaitBacked waits until the image says that Longhorn waits for the bytes of this very attempt.
func (s *session) awaitBacked(ctx context.Context) error {
	began, reason := time.Now(), "its backing image is being made"
	err := wait.PollUntilContextTimeout(ctx, look, patience, true, func(ctx context.Context) (bool, error) {
		imported, err := s.imported(ctx)
		if err != nil || imported.Message == "" {
			return false, err
		}
		if imported.Reason == ReasonReady && strings.Contains(imported.Message, s.attempt.ID) {
			return true, nil
		}
		reason = strings.TrimSuffix(imported.Message, ".")
		return false, s.unlessWorth(imported, began)
	})
	if wait.Interrupted(err) && ctx.Err() == nil {
		return conflict(s.key.Name, "The image is not ready to take bytes: %s. Try again later.", reason)
	}
	return err
}
