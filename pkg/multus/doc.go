// Package multus is the networks that machines can be attached to beside that of their pods, in Croft's words. It knows
// of an attachment that it is there and where it is; what is in it is its plugin's.
package multus
