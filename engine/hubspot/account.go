package hubspot

import (
	"context"
	"net/http"
	"regexp"
	"strconv"
	"time"
)

// Account is the HubSpot account (portal) that a token is of.
type Account struct {
	PortalID int64
	// Type is STANDARD, DEVELOPER_TEST, SANDBOX, …
	Type     string
	TimeZone string // such as Europe/Berlin; the day of the quota ends at its midnight
	UIDomain string // the host of its pages, such as app.hubspot.com
}

type accountAnswer struct {
	PortalID count `json:"portalId"`
	Type     text  `json:"accountType"`
	TimeZone text  `json:"timeZone"`
	UIDomain text  `json:"uiDomain"`
}

func (a accountAnswer) complete() bool { return a.PortalID != 0 }

// Account reads the details of the token's account (HubSpot's account information API). Whether every kind of token may read it is
// not documented.
func (c *Client) Account(ctx context.Context) (Account, error) {
	answer, _, err := fetch[accountAnswer](ctx, c, request{operation: "account.details", method: http.MethodGet, path: c.core.routes.account + "/details"})
	if err != nil {
		return Account{}, err
	}
	return Account{PortalID: int64(answer.PortalID), Type: string(answer.Type), TimeZone: string(answer.TimeZone), UIDomain: string(answer.UIDomain)}, nil
}

// DailyUsage is how many of the calls of a day all private apps of the account have used.
type DailyUsage struct {
	Limit, Used int64
	ResetsAt    *time.Time // nil where HubSpot does not say
}

type usageAnswer struct {
	Results []struct {
		Limit    count  `json:"usageLimit"`
		Used     count  `json:"currentUsage"`
		ResetsAt moment `json:"resetsAt"`
	} `json:"results"`
}

func (a usageAnswer) complete() bool { return len(a.Results) > 0 && a.Results[0].Limit > 0 }

// DailyUsage reads how many calls were made today (HubSpot's account information API). It counts those of private apps.
func (c *Client) DailyUsage(ctx context.Context) (DailyUsage, error) {
	answer, _, err := fetch[usageAnswer](ctx, c, request{operation: "account.daily_usage", method: http.MethodGet, path: c.core.routes.account + "/api-usage/daily/private-apps"})
	if err != nil {
		return DailyUsage{}, err
	}
	first := answer.Results[0]
	return DailyUsage{Limit: int64(first.Limit), Used: int64(first.Used), ResetsAt: first.ResetsAt.time}, nil
}

// privateAppToken is the form of tokens of private apps (HubSpot's guide to private apps).
var privateAppToken = regexp.MustCompile(`^pat-[a-z]{2}[0-9]+-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)

// Shape describes the token without anything secret: its length, and whether it has the form of a private app's
// ("pat-", the region, a UUID).
func (t Token) Shape() string {
	trimmed, err := t.checked()
	if err != nil {
		return "not of a token's characters"
	}
	shape := strconv.Itoa(len(trimmed)) + " characters"
	if privateAppToken.MatchString(string(trimmed)) {
		shape += ", as of a private app"
	}
	return shape
}
