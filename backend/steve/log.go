package steve

import (
	"context"
	"io"
	"log/slog"

	"github.com/sirupsen/logrus"
)

// LogTo sends what Steve and its libraries log to a structured log.
func LogTo(log *slog.Logger) {
	logrus.SetOutput(io.Discard)
	logrus.StandardLogger().ReplaceHooks(logrus.LevelHooks{})
	logrus.AddHook(hook{log.With("from", "steve")})
}

type hook struct{ log *slog.Logger }

// Levels are all levels.
func (h hook) Levels() []logrus.Level { return logrus.AllLevels }

// Fire passes one entry on. What Steve says of its own progress is of interest in a search for trouble only.
func (h hook) Fire(entry *logrus.Entry) error {
	level := slog.LevelDebug
	switch entry.Level {
	case logrus.PanicLevel, logrus.FatalLevel, logrus.ErrorLevel:
		level = slog.LevelError
	case logrus.WarnLevel:
		level = slog.LevelWarn
	}
	attributes := make([]slog.Attr, 0, len(entry.Data))
	for key, value := range entry.Data {
		attributes = append(attributes, slog.Any(key, value))
	}
	h.log.LogAttrs(context.Background(), level, entry.Message, attributes...)
	return nil
}
