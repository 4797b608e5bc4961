// Package manager runs controllers and webhooks against a real API server in a test: the second circle of tests, which
// needs seconds.
//
// The kinds of Croft come from its chart. The kinds of worlds that are not running here have definitions without a
// schema, which keep whatever is written; tests that need the real schemas and webhooks run in the sandbox. A test
// speaks for those worlds by writing their status.
//
// Everything is told to others, who hear of it when they do: the API server of a webhook and of a right, the manager of an
// object. Call, Grant, Make, Change and Report return when it has been heard, so that what a test does next does not
// depend on how busy the machine is. Begin reading with Main and Start.
package manager
