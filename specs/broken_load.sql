-- The night's load emptied the table and then failed to fill it: every query over
-- it still runs, and finds nobody.
DELETE FROM customers;
