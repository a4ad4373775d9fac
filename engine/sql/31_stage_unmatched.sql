-- Desired keys that HubSpot said it has no record for; filled from its answers.
-- Makes unmatched.
-- Parameters: none.
CREATE TEMP TABLE unmatched (key VARCHAR);
