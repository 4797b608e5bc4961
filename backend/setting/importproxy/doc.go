// Package importproxy has CDI's importers reach the outside as the setting http-proxy says: it applies the setting to CDI's
// installation, field by field, and takes back what it has applied when the setting is emptied. What somebody else has
// written there stays while the setting is empty.
//
// The other half, whom importers believe (additional-ca), goes with each download: see backend/image/fill. Begin reading
// with Controller.obey.
package importproxy
