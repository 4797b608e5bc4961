package loglevel_test

import (
	"context"
	"log/slog"
	"os"
	"testing"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/rest"
	ctrl "sigs.k8s.io/controller-runtime"

	"crofthci.io/croft/backend/setting/loglevel"
	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/test/manager"
)

var api *rest.Config

func TestMain(m *testing.M) { os.Exit(manager.Main(m, &api)) }

func TestFollow(t *testing.T) {
	c := manager.Start(t, api, manager.Options{
		Kinds: runtime.SchemeBuilder{harvesterv1.AddToScheme}, SetUp: func(ctrl.Manager) error { return nil },
	})
	setting := &harvesterv1.Setting{ObjectMeta: metav1.ObjectMeta{Name: "log-level"}, Default: "info"}
	c.Make(setting)
	var level slog.LevelVar
	level.Set(slog.LevelWarn)
	ctx, stop := context.WithCancel(context.Background())
	ended := make(chan error, 1)
	go func() { ended <- loglevel.Follow(ctx, api, &level) }()
	t.Cleanup(func() {
		stop()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	for _, step := range []struct {
		reason, value string
		want          slog.Level
	}{
		{"more", "debug", slog.LevelDebug},
		{"still as much as there is", "trace", slog.LevelDebug},
		{"less", "fatal", slog.LevelError},
		{"what the flag says", "", slog.LevelWarn},
	} {
		manager.Change(c, setting, func(s *harvesterv1.Setting) { s.Value = step.value })
		manager.Until(c, setting, step.reason, func(*harvesterv1.Setting) bool { return level.Level() == step.want })
	}
}
