// Package kubevirt is KubeVirt in Croft's words: its kinds under short names, where they are served, the state of a
// machine, and the verbs that KubeVirt serves as subresources.
//
// It is the only package that imports kubevirt.io/api, so that a new KubeVirt is met here and nowhere else. It holds no
// rules of Croft's own: what may be done when is the business of the capabilities. Begin reading with StateOf.
package kubevirt
