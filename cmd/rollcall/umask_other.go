//go:build !unix

package main

// keepPrivate does nothing here: files take their permissions from their folder.
func keepPrivate() {}
