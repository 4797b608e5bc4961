// Package guestcluster makes a guest cluster as a person does: in the page's forms, with what these say before anything is sent.
package guestcluster
