-- Answers: what type the current database is, of those that the account owns: DEFAULT or DUCKLAKE.
-- Reads: MotherDuck's catalog (MotherDuck documentation, "DATABASES view"). Writes: nothing.
-- Parameters: none.
SELECT type FROM md_information_schema.databases WHERE name = system.main.current_database()
