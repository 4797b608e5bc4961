// Package serve gives out the index as /v1/croft, in Steve's shapes: schemas, lists, single rows, counts, and a
// websocket that tells of changes.
//
// Every answer is made for one user, who comes from Rancher's Impersonate headers over the tunnel that the hub has dialled
// itself; there is no other way in. What the user may see is worked out from the watched RBAC of the hub and of each
// site (see package rights) and is part of the query. Nothing is written here.
//
// Begin reading with Server.
package serve
