-- name: StagePages
-- Record IDs as the pages of lists gave them; side is 1 for those read from the low end, 2 from the high end.
CREATE TEMP TABLE rollcall_pages (sync INTEGER, side INTEGER, record_id BIGINT);

-- name: StageNewcomers
-- Members that joined a list while it was read; filled from the pages.
CREATE TEMP TABLE rollcall_newcomers (sync INTEGER, record_id BIGINT);

-- name: CountPages
-- Did the pages hold every member? From one side each comes once; the two sides may overlap where they meet.
SELECT
    count(*) - count(DISTINCT (side, record_id)) AS repeated,
    count(DISTINCT record_id) AS members
FROM temp.main.rollcall_pages
WHERE sync = $sync;

-- name: DropPages
-- Delete the pages of a reading that was not complete.
DELETE FROM temp.main.rollcall_pages
WHERE sync = $sync;

-- name: StageCurrent
-- The list's members, from its pages.
CREATE TEMP TABLE current AS
SELECT DISTINCT record_id
FROM temp.main.rollcall_pages
WHERE sync = $sync;

-- name: RestageCurrent
-- The members of a list that was read only to reconcile its changes, in place of another list's.
CREATE OR REPLACE TEMP TABLE current AS
SELECT DISTINCT record_id
FROM temp.main.rollcall_pages
WHERE sync = $sync;

-- name: LoadCurrent
-- The list's members, from the cache: they have not changed since.
CREATE TEMP TABLE current AS
SELECT DISTINCT record_id
FROM temp.main.rollcall_members
WHERE list_id = $list_id;

-- name: CountCurrent
-- The number of the list's members.
SELECT count(*) AS members
FROM temp.main.current;
