-- Add records to applied that a managed member was merged into, or that have its key.
-- Writes applied; reads rollcall_records, current.
-- Parameters: none.
INSERT INTO temp.main.applied (record_id, key)
WITH disappeared AS (
    SELECT a.record_id, a.key FROM temp.main.applied a ANTI JOIN temp.main.current c ON c.record_id = a.record_id
),
survivors AS (
    SELECT r.record_id, d.key FROM temp.main.rollcall_records r JOIN disappeared d ON d.record_id = r.merged_id
    UNION ALL
    SELECT r.record_id, d.key FROM temp.main.rollcall_records r JOIN disappeared d ON d.key = r.key
)
SELECT s.record_id, min(s.key)
FROM survivors s
SEMI JOIN temp.main.current c ON c.record_id = s.record_id
ANTI JOIN temp.main.applied a ON a.record_id = s.record_id
GROUP BY s.record_id;
