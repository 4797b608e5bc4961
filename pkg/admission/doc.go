// Package admission turns lists of small checks into webhooks: pure functions that find wrong fields, functions that ask
// the API server, and functions that fill in what a client left out.
//
// It knows no kinds. A refusal is an error of Kubernetes' own vocabulary, whose code and field reach the client as they
// are: 422 names the field, 409 says what is in the way, 403 that the caller may not. Begin reading with Validator.
package admission
