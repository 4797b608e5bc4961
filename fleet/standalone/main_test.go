package standalone_test

import (
	"io"
	"log/slog"
	"os"
	"testing"

	"github.com/go-logr/logr"
	"github.com/sirupsen/logrus"
	ctrl "sigs.k8s.io/controller-runtime"
)

// TestMain keeps the libraries from telling every connection; what the
// controllers have to say is kept, because it explains a failed test.
func TestMain(m *testing.M) {
	logrus.SetOutput(io.Discard)
	ctrl.SetLogger(logr.FromSlogHandler(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: slog.LevelInfo})))
	os.Exit(m.Run())
}
