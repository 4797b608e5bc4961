// Package proxy keeps written down where CDI's upload proxy is and who signs its certificate, for the server that uploads
// as its callers: they may not read CDI's own namespace, and neither fact is a secret. So it does with where Longhorn's manager is. Begin reading with Publisher.Start.
package proxy
