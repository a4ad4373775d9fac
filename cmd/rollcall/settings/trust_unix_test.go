//go:build unix

package settings

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A rollcall.toml that nobody named and that others can write decides nothing about where things go. Its other settings hold, and so
// does all of it where it is named.
func TestSettingsFileThatOthersCanWrite(t *testing.T) {
	t.Parallel()
	places := map[string]string{
		"hubspot_url": `hubspot_url = "http://127.0.0.1:18999"`, "attach": `attach = { shop = "shop.duckdb" }`, "data_folders": `data_folders = ["/etc"]`,
		"journal_dir": `journal_dir = "/tmp"`, "temp_directory": `temp_directory = "/tmp"`, "extension_directory": `extension_directory = "/tmp"`, "database": `database = "md:theirs"`,
	}
	root := os.Geteuid() == 0
	for name, file := range map[string]struct {
		mode      os.FileMode
		uid, gid  int
		untrusted string // "": it is trusted
	}{
		"the user's own":          {0o644, os.Geteuid(), os.Getegid(), ""},
		"shared with their group": {0o664, os.Geteuid(), os.Getegid(), ""},
		"root's":                  {0o644, 0, 0, ""},
		"writable by everybody":   {0o646, os.Geteuid(), os.Getegid(), "can be written by everybody"},
		"of another user":         {0o600, os.Geteuid() + 4711, os.Getegid(), "belongs to another user"},
		"of another group":        {0o660, os.Geteuid(), os.Getegid() + 4711, "can be written by a group other than the user's own"},
		"read by another group":   {0o640, os.Geteuid(), os.Getegid() + 4711, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if !root && (file.uid != os.Geteuid() || file.gid != os.Getegid()) {
				t.Skip("only root can give a file away")
			}
			for setting, text := range places {
				dir := t.TempDir()
				path := filepath.Join(dir, "rollcall.toml")
				if err := os.WriteFile(path, []byte("threads = 3\n"+text+"\n"), 0o600); err != nil {
					t.Fatal(err)
				}
				if err := os.Chown(path, file.uid, file.gid); err != nil {
					t.Fatal(err)
				}
				if err := os.Chmod(path, file.mode); err != nil {
					t.Fatal(err)
				}
				if _, err := Load(Sources{Dir: dir, Flags: map[string]string{"config": path}}); err != nil {
					t.Errorf("named: %v", err)
				}
				_, err := Load(Sources{Dir: dir})
				switch {
				case file.untrusted == "" && err != nil:
					t.Errorf("%s: %v", setting, err)
				case file.untrusted != "" && err == nil:
					t.Errorf("%s is taken", setting)
				case file.untrusted != "":
					wantAll(t, err.Error(), ":2:1: "+setting+": ", "rollcall.toml "+file.untrusted)
					wantAll(t, err.(Errors).Hint(), "--config "+path)
				}
				if err := os.WriteFile(path, []byte("threads = 3\n"), 0o600); err != nil {
					t.Fatal(err)
				}
				if s, err := Load(Sources{Dir: dir}); err != nil || s.Threads != 3 {
					t.Errorf("threads = %d, %v", s.Threads, err)
				}
			}
		})
	}
}

func wantAll(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("%q; want %q in it", text, part)
		}
	}
}
