-- id: W-120
-- title: The production date is the day of the make event
-- stands on: TG-017
-- judges: each passport whose make event is known
-- expected: a production date of {at_s}, when the make event says it was made (a day either way for time zones)
-- received: {day_from_s}
-- hint: State the day on which the batch was finished.
-- missing: the production date
WITH made_once AS (
  SELECT key, MIN(at_s) AS first_s, MAX(at_s) AS at_s FROM item WHERE kind = 'make' AND direction = 'out' GROUP BY key
)
SELECT CASE WHEN m.at_s IS NULL THEN 'unknown'
            WHEN m.at_s > p.day_until_s + 86400 OR m.first_s < p.day_from_s - 86400 THEN 'fail'
            ELSE 'pass' END AS state,
       p.doc, CONCAT(p.pointer, '/productionDate') AS pointer, m.at_s, p.day_from_s
  FROM passport p
  JOIN made_once m ON m.key = p.key
 WHERE p.day_from_s IS NOT NULL
