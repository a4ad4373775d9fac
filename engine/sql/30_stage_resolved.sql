-- Desired keys with their record IDs; filled from HubSpot's answers.
-- Makes resolved.
-- Parameters: none.
CREATE TEMP TABLE resolved (key VARCHAR, record_id BIGINT);
