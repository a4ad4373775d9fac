-- name: StageKeys
-- The keys of every sync after normalising, one row for each that is not blank; a key with a reason cannot be used. All kinds share the table.
CREATE TEMP TABLE IF NOT EXISTS rollcall_keys (sync INTEGER, key VARCHAR, reason VARCHAR, detail VARCHAR);

-- name: StageRound
-- The syncs whose keys are looked up, by number, and what their keys are values of; filled by the program.
CREATE TEMP TABLE IF NOT EXISTS rollcall_round (sync INTEGER, object_type_id VARCHAR, id_property VARCHAR);

-- name: StageAnswers
-- What is known about keys: the record ID, NULL where HubSpot has none. lookup_error is the number of the error if the lookup failed. is_primary: the key is the record's own value of the property, not a secondary address.
CREATE TEMP TABLE IF NOT EXISTS rollcall_answers (object_type_id VARCHAR, id_property VARCHAR, key VARCHAR, record_id BIGINT, cached BOOLEAN, lookup_error INTEGER, is_primary BOOLEAN);

-- name: ClearRound
-- The syncs of a kind that has loaded before ask no more.
DELETE FROM temp.main.rollcall_round;

-- name: LoadCachedAnswers
-- Load the cached answers that are fresh.
-- Parameters: $found_since TIMESTAMPTZ, $missing_since TIMESTAMPTZ (older answers are not loaded); $record_ids BOOLEAN (are record IDs looked up, too?).
INSERT INTO temp.main.rollcall_answers
SELECT c.object_type_id, c.id_property, c.key, c.record_id, true, NULL, NULL
FROM rollcall.identities c
WHERE c.learnt_at >= CASE WHEN c.record_id IS NULL THEN $missing_since::TIMESTAMPTZ ELSE $found_since::TIMESTAMPTZ END
  AND (c.id_property <> 'hs_object_id' OR $record_ids::BOOLEAN)
  AND EXISTS (
      SELECT 1
      FROM temp.main.rollcall_keys k
      JOIN temp.main.rollcall_round r ON r.sync = k.sync
      WHERE k.key = c.key AND k.reason IS NULL AND r.object_type_id = c.object_type_id AND r.id_property = c.id_property
  )
QUALIFY row_number() OVER (PARTITION BY c.object_type_id, c.id_property, c.key ORDER BY c.learnt_at DESC) = 1;

-- name: ClearAnswers
-- Delete the answers that a failed attempt to load the cache may have left.
DELETE FROM temp.main.rollcall_answers;

-- name: StageQuestions
-- Keys to be looked up, each once for all syncs; sync is the first that desires it.
-- Parameters: $failed INTEGER[] (syncs that go no further); $record_ids BOOLEAN (are record IDs looked up, too?).
CREATE OR REPLACE TEMP TABLE rollcall_questions AS
SELECT r.object_type_id, r.id_property, k.key, min(k.sync) AS sync
FROM temp.main.rollcall_keys k
JOIN temp.main.rollcall_round r ON r.sync = k.sync
ANTI JOIN temp.main.rollcall_answers a ON a.object_type_id = r.object_type_id AND a.id_property = r.id_property AND a.key = k.key
WHERE k.reason IS NULL AND NOT list_contains($failed::INTEGER[], k.sync) AND (r.id_property <> 'hs_object_id' OR $record_ids::BOOLEAN)
GROUP BY r.object_type_id, r.id_property, k.key
ORDER BY r.object_type_id, r.id_property, sync;

-- name: CountQuestions
-- How many keys are to be looked up, and how many bytes has the longest?
SELECT count(*) AS questions, coalesce(max(strlen(key)), 0) AS longest
FROM temp.main.rollcall_questions;

-- name: PageQuestions
-- A page of the questions.
-- Parameters: $from, $until BIGINT (row numbers, the second excluded).
SELECT object_type_id, id_property, key, sync
FROM temp.main.rollcall_questions
WHERE rowid >= $from AND rowid < $until
ORDER BY rowid;

-- name: DeleteAnswers
-- Delete the answers that are to be looked up again.
DELETE FROM temp.main.rollcall_answers
USING temp.main.rollcall_questions q
WHERE rollcall_answers.object_type_id = q.object_type_id
  AND rollcall_answers.id_property = q.id_property
  AND rollcall_answers.key = q.key;

-- name: FailContradictions
-- Fail the answers of this execution that contradict each other: a record has one value of a property, and they give one record for several keys, each as its own value.
UPDATE temp.main.rollcall_answers
SET lookup_error = $lookup_error
FROM (
    SELECT object_type_id, id_property, record_id
    FROM temp.main.rollcall_answers
    WHERE is_primary AND NOT cached AND lookup_error IS NULL
    GROUP BY ALL
    HAVING count(*) > 1
) shared
WHERE rollcall_answers.object_type_id = shared.object_type_id
  AND rollcall_answers.id_property = shared.id_property
  AND rollcall_answers.record_id = shared.record_id
  AND NOT rollcall_answers.cached;

-- name: FailUnanswered
-- Fail the keys that got no answer: they must never look like keys without a record.
INSERT INTO temp.main.rollcall_answers
SELECT q.object_type_id, q.id_property, q.key, NULL, false, $lookup_error, NULL
FROM temp.main.rollcall_questions q
ANTI JOIN temp.main.rollcall_answers a ON a.object_type_id = q.object_type_id AND a.id_property = q.id_property AND a.key = q.key;

-- name: CountUncached
-- How many answers of this execution are not cached?
SELECT count(*) AS uncached
FROM temp.main.rollcall_answers
WHERE NOT cached AND lookup_error IS NULL;

-- name: CacheAnswers
-- Cache HubSpot's answers of this execution for later ones.
INSERT INTO rollcall.identities (object_type_id, id_property, key, record_id, learnt_at)
SELECT object_type_id, id_property, key, record_id, $now
FROM temp.main.rollcall_answers
WHERE NOT cached AND lookup_error IS NULL;

-- name: EvictIdentities
-- Delete the cached answers that were looked up again, and those that are too old for every setting.
DELETE FROM rollcall.identities
WHERE learnt_at < $before
   OR (object_type_id, id_property, key) IN (
       SELECT (object_type_id, id_property, key) FROM temp.main.rollcall_answers WHERE NOT cached AND lookup_error IS NULL
   );

-- name: SkipMissingAnswers
-- Mark this execution's answers with such records as cached, so that they are not stored.
UPDATE temp.main.rollcall_answers
SET cached = true
WHERE record_id IN (SELECT record_id FROM temp.main.outcomes WHERE state = 'missing');

-- name: EvictMissing
-- Delete the cached answers with records that HubSpot reported missing.
DELETE FROM rollcall.identities
WHERE record_id IN (SELECT record_id FROM temp.main.outcomes WHERE state = 'missing');
