// Package outside is the network outside of the site, as the settings http-proxy and additional-ca say that it is reached:
// through which proxy, and whose certificates are believed beside those of the system's authorities.
//
// It fetches nothing itself. Begin reading with Find and Way.Through.
package outside
