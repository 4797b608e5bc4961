package bulkoperation

import (
	"fmt"
	"net/http"
	"sync"
	"testing"
	"time"

	"crofthci.io/croft/test/e2e/stage"
)

const (
	// crowdEach is how many machines stand at each site beside those of a test: none, or as many as somebody wants who looks
	// by hand, with
	//
	//	CROFT_BULK_CROWD=1900 CROFT_BULK_MACHINES=100 bin/croft-sandbox run --simulate --dir=.sandbox-crowd -- \
	//		go test ./test/e2e/bulkoperation -run TestASiteIsCut -v -timeout 1h
	crowdEach = "CROFT_BULK_CROWD"
	// crowded is the namespace in which they are.
	crowded = "bulk-crowd"
	// makers is how many of them are made at the same time, and longest how long it may take until all run.
	makers  = 8
	longest = 40 * time.Minute
)

// crowd has machines run at sites among which those of a test are few.
func crowd(t *testing.T, s *stage.Stage, sites ...string) {
	t.Helper()
	each := said(t, crowdEach, 0)
	if each == 0 {
		return
	}
	begun := time.Now()
	for _, name := range sites {
		site := s.Site(t, name)
		s.Admin.Must(t, http.MethodPost, stage.OfSite(site, "namespaces"), map[string]any{"type": "namespace", "metadata": map[string]any{"name": crowded}}, nil)
		t.Cleanup(func() { s.Delete(t, stage.OfSite(site, "namespaces/"+crowded)) })
		var making sync.WaitGroup
		for maker := range makers {
			making.Go(func() {
				for number := maker; number < each; number += makers {
					code, answer, err := s.Admin.Try(http.MethodPost, stage.OfSite(site, "kubevirt.io.virtualmachines"), stage.Diskless(crowded, fmt.Sprintf("crowd-%04d", number)))
					if err != nil || code != http.StatusCreated {
						t.Errorf("%d %s %v", code, answer, err)
						return
					}
				}
			})
		}
		making.Wait()
	}
	t.Logf("%d machines at each of %d sites were made in %.0f s", each, len(sites), time.Since(begun).Seconds())
	stage.Eventually(t, "the crowd runs", longest, func() error {
		var list struct{ Count int }
		s.Admin.Must(t, http.MethodGet, "/v1/croft/virtualmachines?pagesize=1&filter=namespace="+crowded+"&filter=state=Running", nil, &list)
		if want := each * len(sites); list.Count != want {
			return fmt.Errorf("%d of %d", list.Count, want)
		}
		return nil
	})
	t.Logf("all of them ran after %.0f s", time.Since(begun).Seconds())
}
