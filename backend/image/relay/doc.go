// Package relay fetches a file for an importer that cannot fetch it over a bad link: neither CDI's importer nor Longhorn asks
// a source that has broken off for the rest of a file alone, both begin anew. The relay stands between, reads the file by
// ranges (source.Stream), and hands it on as one piece that does not break off. It keeps nothing of it.
//
// An image is fetched straight from its source first. Once that has failed, and the source can be asked for the rest, the
// next attempt goes by here (backend/image/fill). Who knows the uid of an image that has not got its bytes yet may fetch what its
// url says, and nothing else: the way there is the same as that of the first look at a source, with the same places that are
// never asked.
//
// Begin reading with Server.ServeHTTP.
package relay
