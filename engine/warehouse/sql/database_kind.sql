-- Answers: what kind of database the current one is: 'motherduck', 'motherduck ducklake' or 'motherduck share', in any case.
-- Reads: MotherDuck's catalog (its own Fivetran connector asks this: config_tester.cpp). Writes: nothing.
-- Parameters: none.
SELECT type FROM md_all_databases() WHERE is_attached AND alias = system.main.current_database()
