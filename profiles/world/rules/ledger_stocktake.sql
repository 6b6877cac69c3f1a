-- id: W-116
-- title: Stocktakes of the ledger close to the milligram
-- stands on: MB-002
-- judges: each lot that a site holds at a stocktake of the ledger, dry mass and every element
-- expected: {held} mg of {what} of {lot} at {facility} at minute {minute}, by the facts before
-- received: {amount} mg
-- hint: Mend the ledger: opening and in less out is what lies there.
-- missing: amounts
WITH taken AS (
  SELECT minute, facility, row_no FROM counted WHERE lot = ''
), held AS (
  SELECT t.minute, t.facility, t.row_no, h.lot, h.element, SUM(h.amount) AS until_then,
         SUM(CASE WHEN h.minute < t.minute OR h.row_no < t.row_no THEN h.amount ELSE 0 END) AS before_it
    FROM taken t
    JOIN holding h ON h.facility = t.facility AND h.minute <= t.minute
   GROUP BY t.minute, t.facility, t.row_no, h.lot, h.element
)
SELECT CASE WHEN COALESCE(c.amount, 0) IN (h.until_then, h.before_it) THEN 'pass' ELSE 'fail' END AS state,
       CAST(NULL AS BIGINT) AS doc, CONCAT('/', CAST(h.row_no - 1 AS VARCHAR)) AS pointer, h.facility, h.lot, h.minute,
       CASE WHEN h.element = '' THEN 'dry mass' ELSE h.element END AS what, CAST(h.until_then AS BIGINT) AS held,
       COALESCE(c.amount, 0) AS amount
  FROM held h
  LEFT JOIN counted c ON c.row_no = h.row_no AND c.lot = h.lot AND c.element = h.element
 WHERE h.until_then <> 0 OR h.before_it <> 0 OR c.amount IS NOT NULL
UNION ALL
SELECT 'fail' AS state, CAST(NULL AS BIGINT) AS doc, CONCAT('/', CAST(c.row_no - 1 AS VARCHAR)) AS pointer, c.facility, c.lot, c.minute,
       CASE WHEN c.element = '' THEN 'dry mass' ELSE c.element END AS what, 0 AS held, c.amount
  FROM counted c
  LEFT JOIN held h ON h.row_no = c.row_no AND h.lot = c.lot AND h.element = c.element
 WHERE c.lot <> '' AND c.amount <> 0 AND h.lot IS NULL
