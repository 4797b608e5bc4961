// Package site measures what Croft costs a whole site of the sandbox: what it writes to the API server for a machine, beside
// KubeVirt without it, and the memory of its programs when there are thousands of machines. It asserts nothing.
//
//	bin/croft-sandbox run --sites=1 --dir=.sandbox-bench -- go test ./test/bench/site -run '^$' -bench . -benchtime 1x -timeout 60m
package site
