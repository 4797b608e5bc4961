// Package manager runs controllers and webhooks against a real API server in a test: the second circle of tests, which
// needs seconds.
//
// The kinds of Croft come from its chart. The kinds of worlds that are not running here have definitions without a
// schema, which keep whatever is written; tests that need the real schemas and webhooks run in the sandbox. A test
// speaks for those worlds by writing their status. Begin reading with Main and Start.
package manager
