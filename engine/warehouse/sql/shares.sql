-- Answers: which attached shares are updated by hand, and when the newest snapshot under each one's name was made, as far as MotherDuck reports it.
-- Reads: MotherDuck's catalog (MotherDuck documentation, "SHARED_WITH_ME view" and "DATABASE_SNAPSHOTS view"). Writes: nothing.
-- Parameters: none.
SELECT attached.alias, max(snapshots.created_ts)
FROM md_all_databases() AS attached
JOIN md_information_schema.shared_with_me AS shares ON shares.url = attached.fully_qualified_name
LEFT JOIN md_information_schema.database_snapshots AS snapshots ON snapshots.database_name = attached.alias
WHERE attached.is_attached AND shares.update ILIKE 'manual'
GROUP BY attached.alias
ORDER BY attached.alias
