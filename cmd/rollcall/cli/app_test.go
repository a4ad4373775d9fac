package cli

import (
	"io"
	"reflect"
	"slices"
	"strings"
	"testing"

	"rollcall/cmd/rollcall/settings"
)

// TestEverySettingReachesTheEngine changes one setting at a time: the engine's configuration must change with it, except for settings
// that only the commands use.
func TestEverySettingReachesTheEngine(t *testing.T) {
	t.Parallel()
	configured := func(flags map[string]string) any {
		s, err := settings.Load(settings.Sources{Flags: flags, Dir: t.TempDir()})
		if err != nil {
			t.Fatal(err)
		}
		c := (&app{settings: s, out: &output{to: io.Discard}, err: io.Discard}).config()
		c.Events, c.Unresponsive, c.Failpoint = nil, nil, nil // no two functions are equal
		return c
	}
	usual := configured(nil)
	own := []string{"timeout", "dry_run", "log_level", "log_format", "portal_id", "ui_domain"}
	texts := map[string]string{
		"database": "other.duckdb", "hubspot_url": "http://127.0.0.1:8080/x", "api_version": "v3", "batch_read_size": "7", "membership_chunk_size": "8",
		"max_retries": "1", "retry_base_seconds": "0.5", "request_timeout": "3s", "query_timeout": "4s", "lease_ttl": "1m", "timeout": "1h",
		"memory_limit": "500MB", "threads": "2", "dry_run": "yes", "calls_days": "9", "keep_days": "400", "approval_ttl": "8h", "log_level": "error", "log_format": "json",
		"attach": "shop=/data/shop.duckdb", "data_folders": "/a", "found_ttl": "5h", "not_found_ttl": "1m", "full_read_every": "6h",
		"max_daily_share": "55", "portal_id": "1234567", "ui_domain": "app-eu1.hubspot.com", "concurrency": "3", "allowed_lists": "101", "allowed_object_types": "contacts", "allowed_databases": "shop",
		"journal_dir": "/j", "wait": "7s",
		"temp_directory": "/t", "extension_directory": "/e", "install_extensions": "no", "saas_mode": "no", "membership_page_size": "100", "read_from_end": "no",
		"allow_empty": "no", "allow_takeover": "no", "max_removals": "0", "max_removal_pct": "0",
	}
	for _, name := range settings.Names() {
		text, ok := texts[name]
		if !ok {
			t.Fatalf("%s is not tried", name)
		}
		changed := configured(map[string]string{strings.ReplaceAll(name, "_", "-"): text})
		if reflect.DeepEqual(changed, usual) != slices.Contains(own, name) {
			t.Errorf("%s: the engine is configured with %+v", name, changed)
		}
	}
}
