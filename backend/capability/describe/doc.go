// Package describe writes down what capabilities declare, for people and for TypeScript: the table of actions in a
// capability's page, and the names and shapes that the web pages use. It reads the same values that the server serves,
// so that neither can be out of date; a test compares what is committed with what would be written.
package describe
