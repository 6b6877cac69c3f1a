-- id: W-127
-- title: Nothing leaves or reaches a landlocked country by sea alone
-- stands on: MB-010
-- judges: each move whose words name the sea as the only mode, between facilities of known countries
-- expected: a leg by road, rail, air or river to the coast, for {country} has none
-- received: {name}: by sea alone
-- hint: Name every leg of the route.
-- missing: the country of an end of the move
SELECT CASE WHEN f.country IS NULL OR t.country IS NULL THEN 'unknown' WHEN l.code IS NOT NULL THEN 'fail' ELSE 'pass' END AS state,
       e.doc, e.pointer, e.name, l.code AS country, e.assumed
  FROM event e
  LEFT JOIN site f ON f.id = e.facility
  LEFT JOIN site t ON t.id = e.to_facility
  LEFT JOIN landlocked l ON l.code = f.country OR l.code = t.country
 WHERE e.kind IN ('sent', 'received') AND e.at_sea = 1
