-- What plan is it?
-- Writes about, in the database of a saved plan.
-- Parameters: $sync, $list_id, $list_name, $plan_hash VARCHAR; $planned_at TIMESTAMPTZ; $n_to_add, $n_to_remove BIGINT.
INSERT INTO about (sync, list_id, list_name, plan_hash, planned_at, n_to_add, n_to_remove)
VALUES ($sync, $list_id, $list_name, $plan_hash, $planned_at, $n_to_add, $n_to_remove);
