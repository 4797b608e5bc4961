// Package prometheus holds the alert rules and the dashboard of the chart croft-fleet against a real Prometheus: its own
// parser reads them, and its own engine evaluates the rules over series in which something goes wrong. It is a module of
// its own, because Prometheus brings more with it than the whole of Croft. It has no code. Begin reading at
// TestAlerts.
package prometheus
