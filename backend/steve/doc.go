// Package steve serves capabilities through Steve, Rancher's API server over Kubernetes.
//
// It is the only package of the backend that imports rancher/steve, rancher/apiserver and wrangler. It adds to Steve
// what a capability declares: actions with their input, permission and refusal, links, states. It decides nothing about
// machines or images: that is in the capabilities.
//
// Two ways lead in. The server's own port takes Kubernetes bearer tokens, and ends what a token has opened when it is taken
// back; the tunnel, which the server dials itself, takes Rancher's impersonation headers, and its word for the address that
// a client has asked. Behind both, everything is done as the caller, and nothing is told that he may not see.
//
// What a capability says of an object is kept for those who would be told the same (verdict, evidence), and rows are
// written in one go (text). Begin reading with New, then routes, then adopt.
package steve
