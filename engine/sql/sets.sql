-- name: DropSets
-- One sync's sets make room for the next one's.
DROP TABLE IF EXISTS temp.main.desired;
DROP TABLE IF EXISTS temp.main.rejected;
DROP TABLE IF EXISTS temp.main.resolved;
DROP TABLE IF EXISTS temp.main.unmatched;
DROP TABLE IF EXISTS temp.main.current;
DROP TABLE IF EXISTS temp.main.applied;
DROP TABLE IF EXISTS temp.main.differing;
DROP TABLE IF EXISTS temp.main.plan;
DROP TABLE IF EXISTS temp.main.outcomes;
