-- id: W-131
-- title: No permit's yearly limit is exceeded
-- stands on: MB-005
-- judges: each permit with a yearly limit, in each calendar year
-- expected: at most {cap_mg} in {year}, as {name} allows
-- received: {made_mg} at the site
-- hint: Check units (t against kg) and quantities; otherwise more was extracted than the permit allows.
-- missing: masses of what the site made
WITH yearly AS (
  SELECT m.facility, k.year, SUM(m.mass_mg) AS made_mg,
         SUM(CASE WHEN m.mass_mg IS NULL THEN 1 ELSE 0 END) AS blank
    FROM made m
    JOIN calendar k ON m.at_s BETWEEN k.from_s AND k.until_s
   GROUP BY m.facility, k.year
)
SELECT CASE WHEN y.made_mg > p.cap_mg THEN 'fail' WHEN y.blank > 0 THEN 'unknown' ELSE 'pass' END AS state,
       p.doc, p.pointer, p.name, p.cap_mg, y.year, CAST(y.made_mg AS BIGINT) AS made_mg
  FROM permit p
  LEFT JOIN alias a ON a.alias = p.facility
  JOIN yearly y ON y.facility = COALESCE(a.facility, p.facility)
 WHERE p.cap_mg IS NOT NULL
