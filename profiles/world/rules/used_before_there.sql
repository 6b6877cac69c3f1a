-- id: W-122
-- title: Made before shipped, arrived before used
-- stands on: MB-007
-- judges: each product that is used at or sent from a site it came to
-- expected: {key} at {facility} from {first_s}, when it first came there
-- received: {what} at {at_s}
-- hint: Mend the dates, or record the earlier arrival.
-- missing: dates of the movements of {key}
WITH came AS (
  SELECT facility, key, MIN(at_s) AS first_s FROM flow WHERE phase = 0 GROUP BY facility, key
), went AS (
  SELECT facility, key, at_s, doc, pointer, what,
         ROW_NUMBER() OVER (PARTITION BY facility, key ORDER BY at_s, doc, pointer) AS place
    FROM flow
   WHERE phase = 1
)
SELECT CASE WHEN w.at_s IS NULL OR c.first_s IS NULL THEN 'unknown' WHEN w.at_s < c.first_s THEN 'fail' ELSE 'pass' END AS state,
       w.doc, w.pointer, w.key, w.facility, c.first_s, w.at_s, w.what
  FROM went w
  JOIN came c ON c.facility = w.facility AND c.key = w.key
 WHERE w.place = 1
