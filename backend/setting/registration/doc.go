// Package registration joins the site to a Rancher, as the setting cluster-registration-url says: it fetches the manifest
// that Rancher has for the site, and applies all of it. Clearing the setting removes the agent that was applied, and with
// it the connection. What came of it stands in the setting's condition "registered".
//
// The manifest gives Rancher the whole cluster, so applying it takes all rights there are: see rancher.joinBySetting in
// the chart's values. Begin reading with Controller.obey.
package registration
