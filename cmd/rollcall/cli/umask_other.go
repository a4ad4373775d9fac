//go:build !unix

package cli

// keepPrivate does nothing here: files take their permissions from their folder.
func keepPrivate() {}
