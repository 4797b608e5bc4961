// Package halt switches a machine off that its namespace has no room for, and says so on the machine: KubeVirt would try
// for ever, and take whatever becomes free from those who do run. The sentence goes when the machine runs.
//
// It counts nothing itself: that there is no room is Kubernetes' word. Begin reading with Verdict.
package halt
