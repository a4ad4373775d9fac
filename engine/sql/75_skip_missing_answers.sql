-- Mark this round's answers with such records as cached, so that they are not stored.
-- Writes rollcall_answers; reads outcomes.
-- Parameters: none.
UPDATE temp.main.rollcall_answers
SET remembered = true
WHERE record_id IN (SELECT record_id FROM temp.main.outcomes WHERE state = 'missing');
