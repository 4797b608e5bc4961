// Package shape holds the house together: its tests read the source tree and
// fail when a package has no paragraph, an arrow of the plan is crossed, a name
// says nothing or a capability lacks a part. It has no code of its own.
package shape
