-- A small warehouse: 1,000 customers, whom the sandbox knows as contacts, with the
-- flaws that such tables have, and three companies.

CREATE OR REPLACE TABLE customers AS
SELECT
    i::BIGINT AS id,
    printf('contact-%05d@example.com', i) AS email,
    CASE
        WHEN i % 8 = 0 THEN 'vip'
        WHEN i % 4 = 1 THEN 'trial'
        WHEN i % 2 = 0 THEN 'pro'
        ELSE 'free'
    END AS plan,
    ['DE', 'FR', 'NL', 'US', 'JP'][1 + i % 5] AS country,
    CASE
        WHEN i % 8 = 0 THEN 400 + i % 100
        WHEN i % 4 <> 1 AND i % 2 = 0 THEN 40 + i % 10
        ELSE 0
    END::DECIMAL(10, 2) AS mrr,
    i % 5 <> 0 AS newsletter,
    -- Half of the trials are over, the other half will not be for long.
    CASE
        WHEN i % 8 = 1 THEN DATE '2024-01-01' + (i % 300)::INTEGER
        WHEN i % 8 = 5 THEN DATE '2099-01-01' + (i % 300)::INTEGER
    END AS trial_ends_on,
    CASE
        WHEN i % 20 = 7 THEN TIMESTAMP '2024-06-01' + to_days((i % 90)::INTEGER)
    END AS churned_at
FROM range(1, 1001) AS numbers (i);

COMMENT ON TABLE customers IS 'One row a customer, loaded every night from the shop.';

-- Typed in by hand: capitals, and blanks on both sides.
UPDATE customers SET email = upper(email) WHERE id IN (16, 32);
UPDATE customers SET email = '  ' || email || ' ' WHERE id = 24;

-- No address at all.
UPDATE customers SET email = NULL WHERE id = 40;
UPDATE customers SET email = '' WHERE id = 48;

-- Addresses that can't be.
UPDATE customers SET email = 'contact-00056@example' WHERE id = 56;
UPDATE customers SET email = 'contact-00064@example.con' WHERE id = 64;
UPDATE customers SET email = 'contact 00072@example.com' WHERE id = 72;

-- An address that HubSpot has as the contact's second one; customer 1001 is the
-- same person with the first.
UPDATE customers SET email = 'contact-00200@old.example.com' WHERE id = 200;
UPDATE customers SET email = 'contact-00400@old.example.com' WHERE id = 400;
INSERT INTO customers (id, email, plan, country, mrr, newsletter)
VALUES (1001, 'contact-00200@example.com', 'vip', 'DE', 400, true);

-- The same address twice, and three people whom HubSpot doesn't know.
INSERT INTO customers (id, email, plan, country, mrr, newsletter)
VALUES
    (1002, 'contact-00008@example.com', 'vip', 'NL', 400, true),
    (1003, 'stranger-1@example.com', 'vip', 'FR', 400, true),
    (1004, 'stranger-2@example.com', 'vip', 'US', 400, false),
    (1005, 'stranger-3@example.com', 'free', 'US', 0, true);

CREATE OR REPLACE TABLE companies (
    hubspot_id BIGINT,
    name VARCHAR,
    industry VARCHAR,
    seats INTEGER
);

COMMENT ON TABLE companies IS 'One row a company, with its record ID in HubSpot.';

INSERT INTO companies
VALUES
    (9000000001, 'Acme', 'Manufacturing', 250),
    (9000000002, 'Globex', 'Energy', 120),
    (9000000003, 'Initech', 'Software', 40);
