// Package admission refuses storage classes that could not work, keeps those that images or the site itself need, and
// lets there be one default. Begin reading with SetUp.
package admission
