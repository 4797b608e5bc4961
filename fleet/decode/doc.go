// Package decode reads what sites send. Of a list of ten thousand objects the reading is the largest part of the work, and
// Go's encoding/json goes over each object four times. It is the one package that knows the successor, which is in Go's own
// library from 1.27 on (github.com/go-json-experiment/json is the same code for today's). What is read, and what is no JSON
// at all, is as with encoding/json, but for one thing: names of fields have one spelling, as in Kubernetes. Begin reading
// at JSON, and at Known for what is known to be JSON already.
package decode
