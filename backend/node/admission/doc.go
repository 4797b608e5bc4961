// Package admission keeps the last node that takes machines from being cordoned or put into maintenance, by whichever
// client, and asks for known words. It is asked only about nodes that change in one of these ways: what keeps a cluster
// alive must not depend on it. Begin reading with SetUp.
package admission
