-- name: CurrentDatabase
-- Which database is the current one, and whether another one that is attached has the name of the schema rollcall.
SELECT system.main.current_database(),
    system.main.count(*) FILTER (system.main.lower(database_name) = 'rollcall' AND database_name <> system.main.current_database()) > 0
FROM system.main.duckdb_databases();

-- name: DatabaseType
-- What type the current database is, of those that the account owns: DEFAULT or DUCKLAKE.
SELECT type FROM md_information_schema.databases WHERE name = system.main.current_database();

-- name: DatabaseKind
-- What kind of database the current one is: 'motherduck', 'motherduck ducklake' or 'motherduck share', in any case.
SELECT type FROM md_all_databases() WHERE is_attached AND alias = system.main.current_database();

-- name: Shares
-- Which attached shares are updated by hand, and when the newest snapshot under each one's name was made, as far as MotherDuck reports it.
SELECT attached.alias, max(snapshots.created_ts)
FROM md_all_databases() AS attached
JOIN md_information_schema.shared_with_me AS shares ON shares.url = attached.fully_qualified_name
LEFT JOIN md_information_schema.database_snapshots AS snapshots ON snapshots.database_name = attached.alias
WHERE attached.is_attached AND shares.update ILIKE 'manual'
GROUP BY attached.alias
ORDER BY attached.alias;

-- name: Duckling
-- The ID of MotherDuck's instance that the connection is with; it ends in .rs.N for a read-scaling token.
SELECT * FROM __md_duckling_id();
