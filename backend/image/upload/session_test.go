package upload

import (
	"context"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"k8s.io/apimachinery/pkg/types"
)

// TestStalled holds that an upload ends of which no byte moves, though neither its client nor CDI says anything; and that
// one does not whose bytes are all sent: CDI may take its time to fill the volume.
func TestStalled(t *testing.T) {
	cases := map[string]struct {
		reason string
		sent   int64
		want   string
	}{
		"Half":     {"nobody waits for ever for the other half", 100, "the upload broke off after 100 of 200 bytes: none has come or gone for 1ms"},
		"Complete": {"what is complete is waited for", 200, "done"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			s := &session{key: types.NamespacedName{Namespace: "default", Name: "debian"}, beat: time.Millisecond, stall: time.Millisecond}
			s.attempt = Attempt{ID: "a", State: Sending, Size: 200, Sent: tc.sent}
			var sent atomic.Int64
			sent.Store(tc.sent)
			says := "done"
			err := s.while(t.Context(), &sent, func(ctx context.Context) error {
				looks := time.NewTicker(time.Millisecond)
				defer looks.Stop()
				for range 100 { // CDI takes many times as long as a stall is
					select {
					case <-ctx.Done():
						return ctx.Err()
					case <-looks.C:
					}
				}
				if tc.want == "done" {
					return nil
				}
				<-ctx.Done()
				return ctx.Err()
			})
			if err != nil {
				says = err.Error()
			}
			if diff := cmp.Diff(tc.want, says); diff != "" {
				t.Errorf("%s: -want +got:\n%s", tc.reason, diff)
			}
		})
	}
}
