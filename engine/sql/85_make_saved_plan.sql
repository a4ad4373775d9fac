-- The tables of a saved plan, in a database of their own.
-- Makes about, desired, resolved, current, applied, plan, rejected.
-- Parameters: none.
CREATE TABLE about (sync VARCHAR, list_id VARCHAR, list_name VARCHAR, plan_hash VARCHAR, planned_at TIMESTAMPTZ, n_to_add BIGINT, n_to_remove BIGINT);
CREATE TABLE desired (key VARCHAR);
CREATE TABLE resolved (key VARCHAR, record_id BIGINT);
CREATE TABLE current (record_id BIGINT);
CREATE TABLE applied (record_id BIGINT, key VARCHAR);
CREATE TABLE plan (batch BIGINT, action VARCHAR, record_id BIGINT, key VARCHAR, cause VARCHAR);
CREATE TABLE rejected (key VARCHAR, reason VARCHAR, detail VARCHAR);
