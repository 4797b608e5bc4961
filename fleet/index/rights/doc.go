// Package rights answers, from a site's watched RBAC objects, what Kubernetes itself would answer: which objects of a
// resource a user may list and get there.
//
// It knows roles, cluster roles and their bindings, users, groups and service accounts, wildcards and resource names,
// the group system:masters, which every API server lets do everything, and that a namespace lies in itself. It asks nobody and changes nothing; other
// authorizers of a site, such as webhooks, it cannot know, so it may show less than they would, never more than RBAC.
//
// Begin reading with Book.Grant.
package rights
