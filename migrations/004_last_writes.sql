-- A write of several calls adds with some of them and removes with others, and HubSpot stamps each: when did the last of either go?

ALTER TABLE rollcall.lists ADD COLUMN added_from TIMESTAMPTZ;
ALTER TABLE rollcall.lists ADD COLUMN added_upto TIMESTAMPTZ;
ALTER TABLE rollcall.lists ADD COLUMN removed_from TIMESTAMPTZ;
ALTER TABLE rollcall.lists ADD COLUMN removed_upto TIMESTAMPTZ;

COMMENT ON COLUMN rollcall.lists.added_from IS 'The last call of that write that added began then.';
COMMENT ON COLUMN rollcall.lists.added_upto IS 'And ended then.';
COMMENT ON COLUMN rollcall.lists.removed_from IS 'The last call of that write that removed began then.';
COMMENT ON COLUMN rollcall.lists.removed_upto IS 'And ended then.';
