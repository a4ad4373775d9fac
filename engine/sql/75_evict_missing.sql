-- Delete the cached answers with records that HubSpot reported missing.
-- Writes rollcall.contacts; reads outcomes.
-- Parameters: none.
DELETE FROM rollcall.contacts
WHERE record_id IN (SELECT record_id FROM temp.main.outcomes WHERE state = 'missing');
