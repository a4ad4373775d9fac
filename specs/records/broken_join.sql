-- The night's load loses the companies' IDs: the join over them still works, and
-- finds no company for anybody.
UPDATE people SET company_id = NULL;
