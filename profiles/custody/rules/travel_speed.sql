-- id: G-105
-- title: Goods do not travel faster than their transport can
-- stands on: MB-010 COC-13
-- judges: the first consignment of each product to each facility that uses it afterwards
-- expected: {distance_km} km (great circle) at no more than {bound_kmh} km/h ({mode})
-- received: sent on {depart_s}, in use on {next_s}
-- hint: Mend the dates, or publish the event of the consignment that was really used.
-- missing: coordinates of {from_facility} or {to_facility}
-- Without a named mode the bound is that of an aircraft, or of a goods train where the load is beyond any aircraft.
WITH journey AS (
  SELECT doc, pointer, from_facility, to_facility, distance_km, depart_s, next_s,
         CASE WHEN limit_kmh IS NOT NULL THEN limit_kmh WHEN mass_mg > 150000000000 THEN 120 ELSE 950 END AS bound_kmh,
         COALESCE(transport, 'no mode of transport named') AS mode
    FROM leg
   WHERE next_s IS NOT NULL
)
SELECT CASE WHEN distance_km IS NULL THEN 'unknown'
            WHEN distance_km > 50 AND distance_km * 3600 > bound_kmh * (next_s - depart_s) THEN 'fail'
            ELSE 'pass' END AS state,
       doc, pointer, from_facility, to_facility, distance_km, bound_kmh, mode, depart_s, next_s
  FROM journey
