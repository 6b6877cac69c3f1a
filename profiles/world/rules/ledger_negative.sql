-- id: W-115
-- title: No lot of the ledger is ever overdrawn
-- stands on: MB-006
-- judges: each lot at each site, dry mass and every element, at every minute
-- expected: at least nothing of lot {lot} at {facility}
-- received: {stock} mg of {what} at minute {minute}
-- hint: Mend the ledger: more was drawn from the lot than there was.
-- missing: amounts
WITH running AS (
  SELECT facility, lot, element, minute,
         SUM(amount) OVER (PARTITION BY facility, lot, element ORDER BY minute, phase, row_no) AS stock
    FROM holding
), lowest AS (
  SELECT facility, lot, element, MIN(stock) AS stock FROM running GROUP BY facility, lot, element
)
SELECT CASE WHEN w.stock < 0 THEN 'fail' ELSE 'pass' END AS state, CAST(NULL AS BIGINT) AS doc, '' AS pointer, w.facility, w.lot,
       CASE WHEN w.element = '' THEN 'dry mass' ELSE w.element END AS what, CAST(w.stock AS BIGINT) AS stock,
       CASE WHEN w.stock < 0 THEN (SELECT MIN(r.minute) FROM running r
                                    WHERE r.facility = w.facility AND r.lot = w.lot AND r.element = w.element AND r.stock < 0)
            END AS minute
  FROM lowest w
