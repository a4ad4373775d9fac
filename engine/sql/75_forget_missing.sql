-- Records that HubSpot does not know any more are not remembered.
-- Writes rollcall.contacts; reads outcomes.
-- Parameters: none.
DELETE FROM rollcall.contacts
WHERE record_id IN (SELECT record_id FROM temp.main.outcomes WHERE state = 'missing');
