package cli

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Only show and the grid print for people, so no value is printed as it is.
func TestOnlyShowPrints(t *testing.T) {
	t.Parallel()
	var files []string
	for _, folder := range []string{".", "..", "../settings"} {
		found, err := filepath.Glob(folder + "/*.go")
		if err != nil || len(found) == 0 {
			t.Fatalf("%d files in %s, %v", len(found), folder, err)
		}
		files = append(files, found...)
	}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") || slices.Contains([]string{"text.go", "grid.go"}, file) {
			continue
		}
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for i, line := range strings.Split(string(source), "\n") {
			if strings.Contains(line, "fmt.Fprint") || strings.Contains(line, "fmt.Print") {
				t.Errorf("%s:%d prints with package fmt; show (text.go) escapes what it prints: %s", file, i+1, strings.TrimSpace(line))
			}
		}
	}
}
