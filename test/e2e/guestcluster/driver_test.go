package guestcluster

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"crofthci.io/croft/pkg/rancher/management"
	"crofthci.io/croft/test/e2e/stage"
)

// TestDriver fetches the node driver as the Job of a machine does: from the NodeDriver's URL, without a login, and checks
// the sum.
func TestDriver(t *testing.T) {
	s := stage.Open(t)
	var driver management.NodeDriver
	stage.Eventually(t, "NodeDriver with its checksum", time.Minute, func() error {
		text, err := s.TryKubectl(t, "hub", "", "get", "nodedrivers.management.cattle.io", "croft", "--output=json")
		if err != nil {
			return err
		}
		if err := json.Unmarshal([]byte(text), &driver); err != nil {
			return err
		}
		if driver.Spec.Checksum == "" {
			return fmt.Errorf("no checksum for %s", driver.Spec.URL)
		}
		return nil
	})

	path := strings.TrimPrefix(driver.Spec.URL, s.Admin.URL)
	code, program, err := s.Admin.As("").Try(http.MethodGet, path, nil)
	if err != nil || code != http.StatusOK {
		t.Fatalf("fetch %s: %d %v", driver.Spec.URL, code, err)
	}
	if sum := sha256.Sum256(program); hex.EncodeToString(sum[:]) != driver.Spec.Checksum {
		t.Errorf("%d bytes of %s are not what the NodeDriver says: want %s, got %x", len(program), driver.Spec.URL, driver.Spec.Checksum, sum)
	}
}
