package sandbox

import (
	"slices"
)

// introspectToken answers what an access token of the app was granted.
func (s *Server) introspectToken(x *exchange) (answer, *problem) {
	form, p := oauthForm(x)
	if p != nil {
		return answer{}, p
	}
	app := s.opts.OAuth
	if !app.names(form) {
		return unknownClient(), nil
	}
	expiry, issued := s.issued[form.Get("token")]
	if !issued {
		return oauthRefusal("invalid_request", "BAD_TOKEN", "missing or unknown token"), nil
	}
	left := int(expiry.Sub(x.now).Seconds())
	return ok(map[string]any{
		"token": form.Get("token"), "token_type": "bearer", "token_use": "access_token", "active": left > 0, "expires_in": max(0, left),
		"client_id": app.ClientID, "app_id": 1, "hub_id": PortalID, "user_id": 1, "is_private_distribution": false,
		"scopes": s.granted(),
		"signed_access_token": map[string]any{
			"appId": 1, "appInstallId": "1", "audience": "", "expiresAt": expiry.UnixMilli(), "hubId": PortalID, "hublet": "na1",
			"installingUserId": 1, "isPrivateDistribution": false, "isServiceAccount": false, "isUserLevel": false, "newSignature": "",
			"scopeToScopeGroupPks": "", "scopes": "", "signature": "", "trialScopeToScopeGroupPks": "", "trialScopes": "", "userId": 1,
		},
	}), nil
}

// granted lists the scopes that operations need, but those that the token
// lacks.
func (s *Server) granted() []string {
	granted := []string{"tickets"}
	for _, name := range []string{"contacts", "companies", "deals", "tickets", "custom"} {
		granted = append(granted, "crm.objects."+name+".read", "crm.objects."+name+".write", "crm.schemas."+name+".write")
	}
	for _, op := range s.operations {
		for _, anyOf := range op.scopes {
			granted = append(granted, anyOf[0])
		}
	}
	slices.Sort(granted)
	return slices.DeleteFunc(slices.Compact(granted), func(scope string) bool { return slices.Contains(s.opts.MissingScopes, scope) })
}
