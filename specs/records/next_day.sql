-- A day later: four have moved to another country, one has a new employer, one
-- more is a customer, and Initech has grown.
UPDATE people SET country = 'Italy' WHERE email LIKE 'contact-%5_@example.com' AND country = 'Japan' AND email < 'contact-00130';
UPDATE people SET company_id = 9000000002 WHERE email = 'ann@example.com';
INSERT INTO people VALUES ('dan@example.com', 'Spain', 'free', 9000000003, NULL);
UPDATE companies SET seats = 200 WHERE name = 'Initech';
