-- id: W-145
-- title: The country of production is the country of the facility
-- stands on: TG-018
-- judges: each passport whose facility has a record
-- expected: {there}, the country of {name}
-- received: {country}
-- hint: State the country where the facility is.
-- missing: a country in the passport or the facility record
SELECT CASE WHEN p.country IS NULL OR s.country IS NULL THEN 'unknown' WHEN p.country <> s.country THEN 'fail' ELSE 'pass' END AS state,
       p.doc, CONCAT(p.pointer, '/countryOfProduction') AS pointer, p.country, s.country AS there, s.name
  FROM passport p
  JOIN site s ON s.id = p.produced_at
