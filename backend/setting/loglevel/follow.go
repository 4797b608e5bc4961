package loglevel

import (
	"context"
	"fmt"
	"log/slog"

	"k8s.io/apimachinery/pkg/fields"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/client-go/rest"
	toolscache "k8s.io/client-go/tools/cache"
	"sigs.k8s.io/controller-runtime/pkg/cache"
	"sigs.k8s.io/controller-runtime/pkg/client"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
)

// Of is the level for a value of the setting. Harvester has more words than levels there are.
func Of(value string, otherwise slog.Level) slog.Level {
	switch value {
	case "panic", "fatal", "error":
		return slog.LevelError
	case "warn":
		return slog.LevelWarn
	case "info":
		return slog.LevelInfo
	case "debug", "trace":
		return slog.LevelDebug
	default:
		return otherwise
	}
}

// Follow sets a level as the setting says until the context ends. A cluster that does not serve settings yet is waited
// for.
func Follow(ctx context.Context, config *rest.Config, level *slog.LevelVar) error {
	otherwise := level.Level()
	scheme := runtime.NewScheme()
	if err := harvesterv1.AddToScheme(scheme); err != nil {
		return err
	}
	only := fields.OneTermEqualSelector("metadata.name", harvesterv1.SettingLogLevel)
	store, err := cache.New(config, cache.Options{
		Scheme: scheme, ByObject: map[client.Object]cache.ByObject{&harvesterv1.Setting{}: {Field: only}},
	})
	if err != nil {
		return fmt.Errorf("watch the log level: %w", err)
	}
	heard := func(object any) {
		if setting, is := object.(*harvesterv1.Setting); is {
			set(level, Of(setting.Value, otherwise))
		}
	}
	informer, err := store.GetInformer(ctx, &harvesterv1.Setting{}, cache.BlockUntilSynced(false))
	if err != nil {
		return fmt.Errorf("watch the log level: %w", err)
	}
	if _, err := informer.AddEventHandler(toolscache.ResourceEventHandlerFuncs{
		AddFunc: heard, UpdateFunc: func(_, object any) { heard(object) },
	}); err != nil {
		return fmt.Errorf("watch the log level: %w", err)
	}
	return store.Start(ctx)
}

func set(level *slog.LevelVar, to slog.Level) {
	if level.Level() != to {
		slog.Warn("logging changes", "from", level.Level(), "to", to) // to be seen before and after
		level.Set(to)
	}
}
