-- id: W-162
-- title: Nothing is extracted or made outside the validity of the site's permits
-- stands on: TG-012
-- judges: each product made at a site for which a permit is published
-- expected: a permit of {facility} in force at {at_s}
-- received: permits from {from_s} to {until_s}
-- hint: Publish the permit that was in force, or withdraw the batch.
-- missing: dates of the permit or the product
WITH span AS (
  SELECT COALESCE(a.facility, p.facility) AS facility, MIN(p.from_s) AS from_s, MAX(COALESCE(p.until_s, 253402300799)) AS until_s
    FROM permit p
    LEFT JOIN alias a ON a.alias = p.facility
   GROUP BY COALESCE(a.facility, p.facility)
)
SELECT CASE WHEN EXISTS (SELECT 1 FROM permit p LEFT JOIN alias a ON a.alias = p.facility
                          WHERE COALESCE(a.facility, p.facility) = m.facility AND COALESCE(p.from_s, 0) <= m.at_s + 86400
                            AND COALESCE(p.until_s, 253402300799) >= m.at_s) THEN 'pass'
            ELSE 'fail' END AS state,
       m.doc, m.pointer, m.facility, m.at_s, s.from_s, s.until_s
  FROM made m
  JOIN span s ON s.facility = m.facility
