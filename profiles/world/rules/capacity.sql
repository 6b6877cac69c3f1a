-- id: W-130
-- title: No site makes more in a year than its stated capacity
-- stands on: MB-005
-- judges: each site with a stated yearly capacity, in each calendar year
-- expected: at most {capacity_mg} of {capacity_of} in {year}, the stated capacity of {name}
-- received: {made_mg} made
-- hint: Check units (t against kg), the stated capacity, and the quantities made.
-- missing: masses of what {name} made
WITH yearly AS (
  SELECT m.facility, c.id, k.year,
         SUM(CASE WHEN LENGTH(c.capacity_of) <= 2 THEN CAST(m.mass_mg AS DOUBLE) * COALESCE(g.share_e9, 0) / 1000000000
                  WHEN c.capacity_of = '' OR c.capacity_of = m.family THEN CAST(m.mass_mg AS DOUBLE)
                  ELSE 0 END) AS made_mg,
         SUM(CASE WHEN m.mass_mg IS NULL THEN 1 ELSE 0 END) AS blank
    FROM made m
    JOIN site c ON c.id = m.facility AND c.capacity_mg IS NOT NULL
    JOIN calendar k ON m.at_s BETWEEN k.from_s AND k.until_s
    LEFT JOIN content g ON g.key = m.key AND g.element = c.capacity_of
   GROUP BY m.facility, c.id, k.year
)
SELECT CASE WHEN y.made_mg > c.capacity_mg * 1.02 THEN 'fail' WHEN y.blank > 0 THEN 'unknown' ELSE 'pass' END AS state,
       c.doc, c.pointer, c.name, c.capacity_mg, CASE WHEN c.capacity_of = '' THEN 'product' ELSE c.capacity_of END AS capacity_of,
       y.year, CAST(FLOOR(y.made_mg) AS BIGINT) AS made_mg, c.assumed
  FROM yearly y
  JOIN site c ON c.id = y.id
