package settings

import (
	"errors"
	"fmt"
	"net"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// given is a setting's value as a source has it.
type given struct {
	text   string
	list   []string          // a TOML array
	pairs  map[string]string // a TOML table
	origin string
	at     place  // in a file, else zero
	dir    string // what relative paths of a file are relative to
}

// path resolves a path of a file against that file's folder.
func (v given) path(path string) string {
	elsewhere := filepath.IsAbs(path) || path == "" || path == ":memory:" || strings.HasPrefix(strings.ToLower(path), "md:")
	if v.dir == "" || v.dir == "." || elsewhere {
		return path
	}
	return filepath.Join(v.dir, path)
}

func number(name, table, fallback string, least, most int, use string, field func(*Settings) *int) setting {
	accepts := fmt.Sprintf("a whole number from %d to %d", least, most)
	return setting{
		name: name, table: table, fallback: fallback, accepts: accepts, use: use,
		set: func(s *Settings, v given) error {
			n, err := strconv.Atoi(strings.TrimSpace(v.text))
			if err != nil || n < least || n > most {
				return fmt.Errorf("%q is not %s", v.text, accepts)
			}
			*field(s) = n
			return nil
		},
		show: func(s Settings) string { return strconv.Itoa(*field(&s)) },
	}
}

// duration is a setting of least or more; a least of zero makes zero mean none.
func duration(name, table, fallback string, least time.Duration, use string, field func(*Settings) *time.Duration) setting {
	accepts := fmt.Sprintf("a duration such as 90s, 10m or 1h30m, at least %s", least)
	return setting{
		name: name, table: table, fallback: fallback, accepts: accepts, use: use,
		set: func(s *Settings, v given) error {
			d, err := time.ParseDuration(strings.TrimSpace(v.text))
			if err != nil {
				return fmt.Errorf("%q is not a duration", v.text)
			}
			if d < least {
				return fmt.Errorf("%q is less than %s", v.text, least)
			}
			*field(s) = d
			return nil
		},
		show: func(s Settings) string { return field(&s).String() },
	}
}

// choice is a setting with a fixed set of values.
func choice(name, table, fallback string, choices []string, use string, field func(*Settings) *string) setting {
	accepts := "one of " + strings.Join(choices, ", ")
	return setting{
		name: name, table: table, fallback: fallback, accepts: accepts, use: use,
		set: func(s *Settings, v given) error {
			value := strings.ToLower(strings.TrimSpace(v.text))
			if !slices.Contains(choices, value) {
				return fmt.Errorf("%q is not %s", v.text, accepts)
			}
			*field(s) = value
			return nil
		},
		show: func(s Settings) string { return *field(&s) },
	}
}

// boolean is a setting that accepts the usual spellings of yes and no.
func boolean(name, fallback, use string, field func(*Settings) *bool) setting {
	return setting{
		name: name, fallback: fallback, accepts: "1, yes, on, true, t, y or 0, no, off, false, f, n", use: use,
		set: func(s *Settings, v given) error {
			switch strings.ToLower(strings.TrimSpace(v.text)) {
			case "1", "yes", "on", "true", "t", "y":
				*field(s) = true
			case "0", "no", "off", "false", "f", "n":
				*field(s) = false
			default:
				return fmt.Errorf("%q is neither yes nor no", v.text)
			}
			return nil
		},
		show: func(s Settings) string { return strconv.FormatBool(*field(&s)) },
	}
}

// folder is a setting of a place in the file system, which relates to the folder of the file that names it.
func folder(name, table, use string, field func(*Settings) *string) setting {
	return setting{
		name: name, table: table, directs: true, accepts: "a folder", use: use,
		set:  func(s *Settings, v given) error { *field(s) = v.path(strings.TrimSpace(v.text)); return nil },
		show: func(s Settings) string { return *field(&s) },
	}
}

// within puts a setting into a table of the file.
func within(table string, d setting) setting {
	d.table = table
	return d
}

func nonEmpty(text string) error {
	if strings.TrimSpace(text) == "" {
		return errors.New("is empty")
	}
	return nil
}

func setRetryBase(s *Settings, v given) error {
	seconds, err := strconv.ParseFloat(strings.TrimSpace(v.text), 64)
	if err != nil || !(seconds >= 0 && seconds <= 60) {
		return fmt.Errorf("%q is not a number of seconds from 0 to 60", v.text)
	}
	s.RetryBase = time.Duration(seconds * float64(time.Second))
	return nil
}

// setHubSpotURL accepts what the client accepts. It never repeats the address, which
// may hold a password.
func setHubSpotURL(s *Settings, v given) error {
	u, err := url.Parse(strings.TrimSpace(v.text))
	switch {
	case err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http"):
		return errors.New("not an https address")
	case u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return errors.New("an address with a user, a query or a fragment")
	case u.Scheme == "http" && !isLoopback(u.Hostname()):
		return errors.New("plain http would send the token in the clear")
	}
	s.HubSpotURL = u.String()
	return nil
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return strings.EqualFold(host, "localhost") || ip != nil && ip.IsLoopback()
}

func setDataFolders(s *Settings, v given) error {
	s.DataFolders = nil
	for _, folder := range v.items() {
		if err := nonEmpty(folder); err != nil {
			return errors.New("a folder without a name")
		}
		s.DataFolders = append(s.DataFolders, v.path(strings.TrimSpace(folder)))
	}
	return nil
}

// patterns is a setting of names in which * stands for any characters.
func patterns(name, use string, field func(*Settings) *[]string) setting {
	return setting{
		name: name, accepts: "names, parted by commas; * stands for any characters", use: use,
		set: func(s *Settings, v given) error {
			var all []string
			for _, item := range v.items() {
				item = strings.TrimSpace(item)
				if item == "" {
					return fmt.Errorf("%q is not a pattern", item)
				}
				all = append(all, item)
			}
			*field(s) = all
			return nil
		},
		show: func(s Settings) string { return strings.Join(*field(&s), ",") },
	}
}

var attachName = regexp.MustCompile(`^[a-zA-Z_][a-zA-Z0-9_]*$`)

func setAttach(s *Settings, v given) error {
	pairs := v.pairs
	if pairs == nil {
		pairs = map[string]string{}
		for _, item := range v.items() {
			name, path, ok := strings.Cut(item, "=")
			if !ok {
				return fmt.Errorf("%q is not NAME=PATH", item)
			}
			pairs[strings.TrimSpace(name)] = strings.TrimSpace(path)
		}
	}
	s.Attach = map[string]string{}
	for name, path := range pairs {
		if !attachName.MatchString(name) {
			return fmt.Errorf("%q is not a name that SQL can use, of letters, digits and _", name)
		}
		if nonEmpty(path) != nil {
			return fmt.Errorf("%s has no path", name)
		}
		s.Attach[name] = v.path(path)
	}
	return nil
}

// items are the parts of a list: a TOML array, or text parted by commas.
func (v given) items() []string {
	if v.list != nil || strings.TrimSpace(v.text) == "" {
		return v.list
	}
	return strings.Split(v.text, ",")
}

// memorySize is a size as DuckDB reads it.
var memorySize = regexp.MustCompile(`(?i)^[0-9]{1,9}(\.[0-9]{1,6})? ?[KMGT]i?B$`)

func setMemoryLimit(s *Settings, v given) error {
	limit := strings.TrimSpace(v.text)
	if limit != "" && !memorySize.MatchString(limit) {
		return fmt.Errorf("%q is not a size", v.text)
	}
	s.MemoryLimit = limit
	return nil
}

var tokenInAddress = regexp.MustCompile(`(?i)(token=)[^&;]*`)

// redact hides the tokens in the address of a database or an API.
func redact(text string) string {
	return tokenInAddress.ReplaceAllString(text, "${1}***")
}

var uiDomains = regexp.MustCompile(`^app(-[a-z0-9]+)?\.hubspot\.com$`)

// setUIDomain accepts only HubSpot's hosts: a link must not lead elsewhere.
func setUIDomain(s *Settings, v given) error {
	s.UIDomain = strings.ToLower(strings.TrimSpace(v.text))
	if !uiDomains.MatchString(s.UIDomain) {
		return fmt.Errorf("%q is no host of HubSpot's pages", v.text)
	}
	return nil
}
