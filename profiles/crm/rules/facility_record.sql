-- id: G-201
-- title: The facility that made a product has a record
-- stands on: CRM-13
-- judges: each facility that a passport or make event names
-- expected: a facility record of {facility}
-- received: none in the set under this identifier
-- hint: Publish the facility record, with the identifier exactly as in the passport or as an alias.
-- missing: facility records: the set holds none
WITH named AS (
  SELECT produced_at AS facility, MIN(doc) AS doc, MIN(pointer) AS pointer
    FROM product
   WHERE passport = 1 AND produced_at IS NOT NULL
   GROUP BY produced_at
  UNION ALL
  SELECT facility, MIN(doc) AS doc, MIN(pointer) AS pointer
    FROM event
   WHERE kind = 'make' AND facility IS NOT NULL
   GROUP BY facility
)
SELECT CASE WHEN MAX(f.recorded) = 1 THEN 'pass' WHEN MAX(s.records) = 0 THEN 'unknown' ELSE 'fail' END AS state,
       MIN(n.doc) AS doc, MIN(n.pointer) AS pointer, n.facility
  FROM named n
  JOIN setting s ON 1 = 1
  LEFT JOIN facility f ON f.id = n.facility
 GROUP BY n.facility
