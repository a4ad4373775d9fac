-- The load is repaired, and brings people: 300 who are contacts in HubSpot, and
-- three who are not yet. Two of three work at a company.

CREATE OR REPLACE TABLE people AS
SELECT
    printf('contact-%05d@example.com', i) AS email,
    ['Germany', 'France', 'Japan'][1 + i % 3] AS country,
    CASE WHEN i % 4 = 1 THEN 'free' ELSE 'pro' END AS plan,
    CASE WHEN i % 3 > 0 THEN 9000000000 + i % 3 END::BIGINT AS company_id,
    CASE WHEN i % 50 = 1 THEN 'buyer' END AS role
FROM range(1, 301) AS numbers (i);

INSERT INTO people
VALUES
    ('ann@example.com', 'Austria', 'pro', 9000000001, 'buyer'),
    ('bob@example.com', 'Austria', 'free', NULL, NULL),
    ('eve@example.com', 'Spain', 'pro', 9000000003, NULL);
