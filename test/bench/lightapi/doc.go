// Package lightapi is an API server that is light enough to have a hundred of them in one process, for measurements and for
// tests of what follows one. It is not the real one: what it serves is the way in which Kubernetes lists, watches and writes
// objects, over HTTP/2 with TLS: resourceVersions that count the changes of the whole server, lists in pages that all show
// one moment, watches that go on from a version or begin with what is there, bookmarks, 410 where history has been
// forgotten, 409 for those who write over what they have not seen, discovery, tables and /version.
//
// It keeps objects as bytes in memory and looks at nothing in them but their metadata. It does not ask who calls, and has no
// schemas, defaults, admission, selectors, subresources, patches or finalizers: what it does not have, it refuses. A test
// follows it with client-go's own reflector. Begin reading at server.go.
package lightapi
