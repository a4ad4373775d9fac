-- One sync's sets make room for the next one's.
-- Drops desired, rejected, resolved, unmatched, current, applied, differing, plan, outcomes.
-- Parameters: none.
DROP TABLE IF EXISTS temp.main.desired;
DROP TABLE IF EXISTS temp.main.rejected;
DROP TABLE IF EXISTS temp.main.resolved;
DROP TABLE IF EXISTS temp.main.unmatched;
DROP TABLE IF EXISTS temp.main.current;
DROP TABLE IF EXISTS temp.main.applied;
DROP TABLE IF EXISTS temp.main.differing;
DROP TABLE IF EXISTS temp.main.plan;
DROP TABLE IF EXISTS temp.main.outcomes;
