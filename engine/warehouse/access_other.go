//go:build !unix

package warehouse

// canWrite is not known here before something is written.
func canWrite(string) bool { return true }
