-- What HubSpot answered for each change of a batch; filled from its answers.
-- Makes outcomes, anew for every batch.
-- Parameters: none.
CREATE OR REPLACE TEMP TABLE outcomes (action VARCHAR, record_id BIGINT, state VARCHAR, reason VARCHAR);
