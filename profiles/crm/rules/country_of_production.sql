-- id: G-203
-- title: The country of production is the country of the producing facility
-- stands on: CRM-16
-- judges: each passport whose producing facility has a record
-- expected: {facility_country}, where the record places {facility}
-- received: countryOfProduction {country}
-- hint: Mend countryOfProduction or the facility record.
-- missing: nothing
SELECT CASE WHEN p.country = f.country THEN 'pass' ELSE 'fail' END AS state,
       p.doc, p.pointer, p.country, f.country AS facility_country, f.id AS facility
  FROM product p
  JOIN facility f ON f.id = p.produced_at AND f.recorded = 1
 WHERE p.passport = 1 AND p.country IS NOT NULL AND f.country IS NOT NULL
