package engine

import (
	"rollcall/engine/discover"
	"rollcall/engine/hubspot"
)

// Discover returns the HubSpot account of the configuration, to be looked at (see [discover.Account]). No database is opened. The error says what is
// wrong with the token or the address.
func Discover(c Config) (*discover.Account, error) {
	client, err := hubspot.New(c.HubSpot)
	if err != nil {
		return nil, err
	}
	return discover.New(client), nil
}
