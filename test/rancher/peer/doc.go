// Package peer runs Croft beside the real Rancher: the programs and charts of
// production, a site of a sandbox that Rancher's own cluster agent brings in, and
// users that Rancher lets in. Beside it runs our own hub, `croft-fleet
// --standalone`, with another site, and both are asked the same questions, so
// that what sites and pages can tell apart is known and has a reason.
//
// It is no part of the sandbox, which needs no Rancher, and `make test` does not
// run it, because building Rancher takes half an hour and more; `make
// test-rancher` does. Begin reading at stage_test.go; the table of questions is
// question_test.go.
package peer
