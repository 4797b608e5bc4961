// Package image is the images of a site: disks that new volumes start from. README.md beside this file is the page for
// people.
//
// The sub-package source finds out what a URL or an upload holds, fill brings the bytes to the site, relay helps it over bad
// links, upload takes them from a client (proxy says where CDI wants them), and admission refuses wrong images and keeps
// those that are in use. Begin reading with Capability.
package image
