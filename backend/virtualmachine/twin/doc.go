// Package twin describes another machine like one that there is: what stays, what is made anew, and which volumes and
// secrets are copied for it.
//
// It is pure. Whoever makes the twin reads first what it is to be made from, and writes what is described here. Begin
// reading with Of.
package twin
