package sandbox

import (
	"time"
)

// accountDetails answers /account-info with the account's details.
func (s *Server) accountDetails(x *exchange) (answer, *problem) {
	return ok(map[string]any{
		"portalId": PortalID, "accountType": "DEVELOPER_TEST", "timeZone": "Etc/UTC",
		"companyCurrency": "EUR", "additionalCurrencies": []string{},
		"utcOffset": "+00:00", "utcOffsetMilliseconds": 0,
		"uiDomain": "app.hubspot.com", "dataHostingLocation": "na1",
	}), nil
}

// dailyUsage answers the calls made today against the daily limit.
func (s *Server) dailyUsage(x *exchange) (answer, *problem) {
	limit := s.opts.Rate.Daily
	if limit == 0 {
		limit = HubSpotRateLimit().Daily
	}
	midnight := x.now.UTC().Truncate(24 * time.Hour).Add(24 * time.Hour)
	return ok(map[string]any{"results": []map[string]any{{
		"name": "private-apps-api-calls-daily", "usageLimit": limit, "currentUsage": s.rate.today,
		"collectedAt": stamp(x.now.UnixMilli()), "fetchStatus": "SUCCESS", "resetsAt": stamp(midnight.UnixMilli()),
	}}}), nil
}
