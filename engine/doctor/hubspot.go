package doctor

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"rollcall/engine/hint"
	"rollcall/engine/hubspot"
)

// hubspotSubjects are those that a token is needed for, in the order in which they are told. Each gets a line also where
// nothing could be asked.
var hubspotSubjects = []string{"portal", "scopes", "api version", "daily quota"}

// hubspotAccess asks HubSpot whether it takes the token, and what it tells of the account. It keeps the client for the
// properties only where HubSpot has answered.
func (x *examination) hubspotAccess(ctx context.Context) {
	config := x.HubSpot
	config.MaxRetries = min(config.MaxRetries, 1) // somebody waits
	if config.MaxRetries == 0 {
		config.MaxRetries = 1
	}
	client, err := hubspot.New(config)
	if err != nil {
		x.fail("token", err, "")
		x.hubspotNotAsked("there is no token that HubSpot could be asked with")
		return
	}
	client = client.Observed(x.clock.see)
	kind := config.Token.Shape()
	if config.OAuth != nil {
		kind = "OAuth credentials"
	}
	err = client.CheckAccess(ctx)
	switch {
	// A missing scope shows that HubSpot knows the token: scopes tells which it is.
	case err == nil, hubspot.IsForbidden(err):
		x.ok("token", "set (%s), and accepted", kind)
	case hubspot.IsFatal(err):
		x.fail("token", fmt.Errorf("set (%s), and not accepted: %w", kind, err), "")
		x.hubspotNotAsked("HubSpot does not take the token")
		return
	// The version in the path may be one that HubSpot does not have.
	case hubspot.IsNotFound(err):
		x.notAsked("token", fmt.Sprintf("set (%s); the path that would tell is not there", kind))
		x.fail("api version", err, "look at hubspot_url and api_version")
		return
	default:
		x.fail("token", fmt.Errorf("set (%s), and HubSpot gave no answer: %w", kind, err), "look at hubspot_url and the network")
		x.hubspotNotAsked("HubSpot gave no answer")
		return
	}
	x.client = client
	x.portal(ctx)
	x.scopes(ctx, err)
	x.apiVersion()
	x.quota(ctx)
}

// hubspotNotAsked tells of every subject that a token is needed for that it was not asked about.
func (x *examination) hubspotNotAsked(why string) {
	for _, subject := range hubspotSubjects {
		x.notAsked(subject, why)
	}
}

// portal tells which account the token is of. Runs do not need it, so that HubSpot may refuse to tell.
func (x *examination) portal(ctx context.Context) {
	account, err := x.client.Account(ctx)
	if err != nil {
		x.notAsked("portal", "HubSpot does not tell: "+hint.OneLine(err))
		return
	}
	x.ok("portal", "%d, %s, time zone %s, pages at %s", account.PortalID, account.Type, account.TimeZone, account.UIDomain)
}

// scopes tells which scopes the token lacks: those of an OAuth app HubSpot tells, the reading ones of other tokens are tried. listsErr is
// what a search for lists came to.
//
// Of those other tokens HubSpot has no call that tells what may be changed without changing it; ExamineLive changes a list.
func (x *examination) scopes(ctx context.Context, listsErr error) {
	granted, err := x.client.Scopes(ctx)
	needed := x.syncs.Scopes
	if len(needed) == 0 {
		needed = append(needed, hubspot.ListsWriteScope())
	}
	for _, scope := range needed {
		if err == nil && !scope.In(granted) {
			x.failed("scopes", scope.Hint(), "%s", scope.Missing())
			return
		}
	}
	// An error means that HubSpot does not tell the scopes of this token, as of all but OAuth tokens: try what can be
	// tried.
	told := err == nil
	if listsErr != nil {
		x.fail("scopes", listsErr, "")
		return
	}
	types := []string{"contacts"}
	for _, k := range x.syncs.Keys {
		if !slices.Contains(types, k.ObjectType) {
			types = append(types, k.ObjectType)
		}
	}
	for _, name := range types {
		t, err := x.client.ObjectType(ctx, name)
		if err == nil {
			// The ID 1 need not be anyone's: whether the question is allowed is all that counts.
			_, err = x.client.BatchRead(ctx, t.Path(), "", []string{"1"}, nil)
		}
		if errors.Is(err, hubspot.ErrUnknownObjectType) {
			continue // the property's line tells
		}
		if err != nil {
			x.fail("scopes", err, "")
			return
		}
	}
	if told {
		x.ok("scopes", "lists and records of %s can be read, and what rows are about can be changed", strings.Join(types, ", "))
		return
	}
	x.ok("scopes", "lists and records of %s can be read; what can be changed HubSpot tells of OAuth apps alone", strings.Join(types, ", "))
}

// apiVersion tells the version that just answered, and warns of one that HubSpot gives up.
func (x *examination) apiVersion() {
	version := x.HubSpot.APIVersion
	if version == "" {
		version = hubspot.APIVersions()[0]
	}
	if version == "v3" {
		// HubSpot's changelog: v1 to v3 are unsupported from September 2027 on.
		x.warn("api version", "take api_version out of the settings: the default is "+hubspot.APIVersions()[0], "v3 answers; HubSpot supports it until September 2027")
		return
	}
	x.ok("api version", "%s answers", version)
}

// quota tells how much of the day's calls is left, by HubSpot's account information, or by the headers of its answers,
// which are absent for OAuth apps (HubSpot's usage guidelines). It warns from max_daily_share on, where runs call
// nothing.
func (x *examination) quota(ctx context.Context) {
	usage, err := x.client.DailyUsage(ctx)
	if err != nil {
		q := x.client.Quota()
		if q.Daily == nil || q.DailyRemaining == nil || *q.Daily == 0 {
			x.notAsked("daily quota", "HubSpot does not tell: "+hint.OneLine(err))
			return
		}
		usage = hubspot.DailyUsage{Limit: int64(*q.Daily), Used: int64(*q.Daily - *q.DailyRemaining)}
	}
	found := fmt.Sprintf("%d of %d calls used, %d left", usage.Used, usage.Limit, max(0, usage.Limit-usage.Used))
	if float64(usage.Used) < float64(usage.Limit)*x.MaxDailyShare/100 {
		x.ok("daily quota", "%s", found)
		return
	}
	until := "runs call nothing until the day ends, or max_daily_share is raised"
	if usage.ResetsAt != nil {
		until = "runs call nothing until " + usage.ResetsAt.UTC().Format(time.RFC3339) + ", or until max_daily_share is raised"
	}
	x.warn("daily quota", until, "%s; max_daily_share is %g percent", found, x.MaxDailyShare)
}
