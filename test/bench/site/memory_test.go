package site

import (
	"fmt"
	"os"
	"regexp"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"crofthci.io/croft/pkg/kubevirt"
)

// BenchmarkMemory makes thousands of machines that are off, and says what memory Croft's programs have then. The peak is
// since each program began.
func BenchmarkMemory(b *testing.B) {
	s := open(b)
	machines := size("CROFT_BENCH_MEMORY", 5000)
	programs := []string{"site-1/croft-manage", "site-1/croft-serve"}
	for b.Loop() {
		before := map[string]string{}
		for _, program := range programs {
			before[program] = memory(b, s.pid(b, program), "VmRSS")
		}
		began := time.Now()
		group, ctx := errgroup.WithContext(b.Context())
		group.SetLimit(8)
		for i := range machines {
			group.Go(func() error {
				return s.client.Create(ctx, machineOf(fmt.Sprintf("many-%05d", i), kubevirt.RunStrategyHalted))
			})
		}
		if err := group.Wait(); err != nil {
			b.Fatal(err)
		}
		fmt.Printf("\n%d machines made in %.0f s\n\n| | before, MiB | then | peak |\n|---|---|---|---|\n", machines, time.Since(began).Seconds())
		for _, program := range programs {
			pid := s.pid(b, program)
			fmt.Printf("| %s | %s | %s | %s |\n", program, before[program], memory(b, pid, "VmRSS"), memory(b, pid, "VmHWM"))
		}
	}
}

// memory is a figure of /proc/<pid>/status in MiB.
func memory(b *testing.B, pid int, field string) string {
	b.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		b.Fatal(err)
	}
	match := regexp.MustCompile(field + `:\s+(\d+) kB`).FindSubmatch(text)
	if match == nil {
		b.Fatalf("no %s in %s", field, text)
	}
	var kib int
	if _, err := fmt.Sscan(string(match[1]), &kib); err != nil {
		b.Fatal(err)
	}
	return fmt.Sprint(kib >> 10)
}
