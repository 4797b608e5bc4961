// Package keypair is what a site can do with SSH keys: keep the public halves that machines are given, and make a pair of
// which the private half is answered once and kept nowhere.
//
// It puts no key into a machine: clients write the public half into a machine's user data or access credentials. What is
// no public key is refused in the package admission, and the fingerprint is told by the package validate. Begin reading
// with keygen.
package keypair
