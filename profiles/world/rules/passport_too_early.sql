-- id: W-121
-- title: No passport is valid before its product exists
-- stands on: TG-017
-- judges: each passport with a start of validity, against its production date and make event
-- expected: validity from {made_s} at the earliest, when the product was made
-- received: valid from {valid_from_s}
-- hint: Issue the passport when the product is there.
-- missing: production date or start of validity
WITH finished AS (
  SELECT p.key, MAX(COALESCE(i.at_s - 86400, p.day_from_s)) AS earliest_s, MAX(COALESCE(i.at_s, p.day_from_s)) AS made_s
    FROM passport p
    LEFT JOIN item i ON i.key = p.key AND i.kind = 'make' AND i.direction = 'out'
   GROUP BY p.key
)
SELECT CASE WHEN f.made_s IS NULL OR p.valid_from_s IS NULL THEN 'unknown'
            WHEN p.valid_from_s < f.earliest_s OR p.valid_from_s < p.day_from_s - 86400 THEN 'fail'
            ELSE 'pass' END AS state,
       p.doc, '/validFrom' AS pointer, f.made_s, p.valid_from_s
  FROM passport p
  JOIN finished f ON f.key = p.key
