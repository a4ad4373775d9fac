package cli

import (
	"cmp"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

func newVersion(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Say which rollcall this is",
		Example: `  rollcall version
  rollcall version --json`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			driver := moduleVersion("github.com/duckdb/duckdb-go/v2")
			if a.json {
				return writeJSON(a.out, map[string]string{"version": version(), "duckdb_driver": driver, "go": runtime.Version()})
			}
			show(a.out, "rollcall %s (duckdb-go %s, %s, %s/%s)\n", version(), driver, runtime.Version(), runtime.GOOS, runtime.GOARCH)
			return nil
		},
	}
}

// version is the module's version, or the commit that it was built from.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	if v := info.Main.Version; v != "" && v != "(devel)" {
		return v
	}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && len(s.Value) >= 12 {
			return "devel-" + s.Value[:12]
		}
	}
	return "devel"
}

func moduleVersion(path string) string {
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, dep := range info.Deps {
			if dep.Path == path {
				return cmp.Or(dep.Version, "unknown")
			}
		}
	}
	return "unknown"
}
