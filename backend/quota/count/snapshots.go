package count

import (
	"context"
	"time"

	"k8s.io/apimachinery/pkg/util/wait"
	ctrl "sigs.k8s.io/controller-runtime"
	"sigs.k8s.io/controller-runtime/pkg/client"
	"sigs.k8s.io/controller-runtime/pkg/controller"
	"sigs.k8s.io/controller-runtime/pkg/source"

	"crofthci.io/croft/pkg/csi"
)

// lookAgain is how often it is looked whether the site's storage takes snapshots by now.
const lookAgain = 10 * time.Second

// snapshots has the controller hear of snapshots as soon as the site has the kind: storage that takes none does without,
// and a kind that is missing must not keep the others waiting.
type snapshots struct {
	manager ctrl.Manager
	to      controller.Controller
}

// Start waits for the kind, and watches it.
func (s *snapshots) Start(ctx context.Context) error {
	_ = wait.PollUntilContextCancel(ctx, lookAgain, true, func(context.Context) (bool, error) {
		_, err := s.manager.GetRESTMapper().RESTMapping(csi.VolumeSnapshotKind.GroupKind(), csi.VolumeSnapshotKind.Version)
		return err == nil, nil
	})
	if ctx.Err() != nil {
		return nil
	}
	return s.to.Watch(source.Kind[client.Object](s.manager.GetCache(), &csi.VolumeSnapshot{}, ofNamespace()))
}
