package hubspot

import (
	"cmp"
	"strings"
)

// Names says how the user of a program sets the fields of a Config, as hints name them: by an environment variable, a flag, a key of a file. A
// field without a name is called what it is in Config.
type Names struct {
	BaseURL string
	// Token are names any one of which sets the token.
	Token                                []string
	ClientID, ClientSecret, RefreshToken string
}

// complete returns the names with those of Config's fields in place of the empty ones.
func (n Names) complete() Names {
	n.BaseURL = cmp.Or(n.BaseURL, "Config.BaseURL")
	if len(n.Token) == 0 {
		n.Token = []string{"Config.Token"}
	}
	n.ClientID = cmp.Or(n.ClientID, "OAuth.ClientID")
	n.ClientSecret = cmp.Or(n.ClientSecret, "OAuth.ClientSecret")
	n.RefreshToken = cmp.Or(n.RefreshToken, "OAuth.RefreshToken")
	return n
}

func (n Names) anyToken() string { return strings.Join(n.Token, " or ") }

func (n Names) oauth() string { return n.ClientID + ", " + n.ClientSecret + " and " + n.RefreshToken }

// hintReinstall says how to get a refresh token that HubSpot takes.
func (n Names) hintReinstall() string {
	return "install the app again, and put the refresh token that it then gets into " + n.RefreshToken
}

// server is where calls go, as far as hints tell it.
type server struct {
	local string // its address where it is on this machine; "" is HubSpot
	name  string // of the setting that leads there
}

// server describes the server of the base URL.
func (c *core) server() server {
	if !isLoopback(c.base.Hostname()) {
		return server{}
	}
	return server{c.base.String(), c.names.BaseURL}
}

// hintNoAnswer returns what to check when no answer comes.
func (s server) hintNoAnswer() string {
	if s.local == "" {
		return "see whether HubSpot can be reached from here, and status.hubspot.com; then run again"
	}
	return "see whether a server listens at " + s.local + " (" + s.name + "); then run again"
}

// hintFailing is hintNoAnswer for a server that answers with its own failure.
func (s server) hintFailing() string {
	if s.local == "" {
		return "HubSpot failed: see status.hubspot.com, and run again later"
	}
	return "the server at " + s.local + " failed (" + s.name + "): see its log, and run again later"
}
