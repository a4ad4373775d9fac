-- Answers: the ID of MotherDuck's instance that the connection is with; it ends in .rs.N for a read-scaling token.
-- Reads: MotherDuck (its own Fivetran connector asks this: config_tester.cpp). Writes: nothing.
-- Parameters: none.
SELECT * FROM __md_duckling_id()
