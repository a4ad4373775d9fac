-- A day later: a few rows have changed.

-- Thirteen customers move up to the VIP plan, seven others leave for good.
UPDATE customers SET plan = 'vip', mrr = 400 WHERE id % 80 = 2 AND id <= 1000;
UPDATE customers SET churned_at = TIMESTAMP '2024-11-02 08:00:00' WHERE id % 128 = 0 AND id <= 1000;

-- Ten subscribe to the newsletter.
UPDATE customers SET newsletter = true WHERE id % 100 = 5 AND id <= 1000;

-- Five more trials have ended, and five of those that had are customers now.
UPDATE customers SET trial_ends_on = DATE '2024-11-01' WHERE id % 200 = 5 AND id <= 1000;
UPDATE customers SET plan = 'pro', mrr = 40 WHERE id % 200 = 1 AND id <= 1000;

-- Initech grows, Globex shrinks.
UPDATE companies SET seats = 140 WHERE name = 'Initech';
UPDATE companies SET seats = 60 WHERE name = 'Globex';
