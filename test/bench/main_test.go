package bench

import (
	"os"
	"testing"

	"crofthci.io/croft/test/bench/answerer"
	"crofthci.io/croft/test/bench/farm"
)

// TestMain makes the program a farm of API servers, or a site's server, when a benchmark has started it as one.
func TestMain(m *testing.M) {
	farm.Child()
	answerer.Child()
	os.Exit(m.Run())
}
