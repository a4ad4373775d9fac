//go:build !unix

package clitest

// limitFiles does nothing: there is no such limit here.
func limitFiles() {}
