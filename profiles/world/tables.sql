-- Tables of the audit: what a set of credentials says, in the columns that the rules of this profile read.
-- Masses in milligrams, times in seconds since 1970, angles in millionths of a degree, grades in billionths of the
-- mass as weighed. slack_mg: how far the scale and the last digit may have moved a stated mass. doc: number of the
-- document, in order of reading.

-- older: 1 for a document of UNTP 0.6.
CREATE TABLE doc (no BIGINT, source VARCHAR, id VARCHAR, kind VARCHAR, older BIGINT, issuer VARCHAR, from_s BIGINT, until_s BIGINT);

-- Other identifiers of a facility, from its record.
CREATE TABLE alias (alias VARCHAR, facility VARCHAR);

-- Facility records. capacity_mg: stated yearly output of what capacity_of says (a family of materials or an element).
CREATE TABLE facility (
  id VARCHAR, name VARCHAR, country VARCHAR, latitude_e6 BIGINT, longitude_e6 BIGINT, capacity_mg BIGINT,
  capacity_of VARCHAR, assumed BIGINT, doc BIGINT, pointer VARCHAR
);

-- Passports. combo: batch and item number, which belong to the key only where one identifier covers several.
CREATE TABLE product (
  id VARCHAR, combo VARCHAR, name VARCHAR, family VARCHAR, granularity VARCHAR, produced_at VARCHAR, day_from_s BIGINT,
  day_until_s BIGINT, country VARCHAR, weight_mg BIGINT, slack_mg BIGINT, energy_wh BIGINT, valid_from_s BIGINT,
  doc BIGINT, pointer VARCHAR
);

-- Mass fraction of elements in the product as weighed.
CREATE TABLE grade (id VARCHAR, combo VARCHAR, element VARCHAR, share_e9 BIGINT, assumed BIGINT);

-- Bill of materials of passports.
CREATE TABLE material (id VARCHAR, combo VARCHAR, name VARCHAR, family VARCHAR, share_ppm BIGINT, doc BIGINT, pointer VARCHAR);

-- Cradle-to-gate footprints of products, millionths of a kilogram CO2e per kilogram as weighed.
CREATE TABLE carbon (id VARCHAR, combo VARCHAR, value_e6 BIGINT, doc BIGINT, pointer VARCHAR);

-- Lifecycle events. kind: make, sent, received or counted (a stocktake). limit_kmh: fastest mode that the words allow.
-- stated_km, stated_s: length of the legs that the words give, and the least time they take. at_sea: 1 when sea is the
-- only mode named.
CREATE TABLE event (
  no BIGINT, id VARCHAR, name VARCHAR, kind VARCHAR, at_s BIGINT, facility VARCHAR, to_facility VARCHAR, consignment VARCHAR,
  transport VARCHAR, limit_kmh BIGINT, stated_km BIGINT, stated_s BIGINT, at_sea BIGINT, assumed BIGINT, doc BIGINT,
  pointer VARCHAR
);

-- Products of events. direction: in, out, moved or counted. place: position in the event. pieces_e6: millionths of a
-- piece where pieces are counted.
CREATE TABLE line (
  event BIGINT, direction VARCHAR, id VARCHAR, combo VARCHAR, name VARCHAR, family VARCHAR, mass_mg BIGINT, slack_mg BIGINT,
  pieces_e6 BIGINT, place BIGINT, doc BIGINT, pointer VARCHAR
);

-- Conformity credentials: their facilities; cap_mg: yearly limit that a condition states, for permits.
CREATE TABLE permit (
  facility VARCHAR, name VARCHAR, cap_mg BIGINT, from_s BIGINT, until_s BIGINT, doc BIGINT, pointer VARCHAR
);

-- Registered identities: who may act, and when.
CREATE TABLE identity (subject VARCHAR, from_s BIGINT, until_s BIGINT, doc BIGINT);

-- Plausible recoveries, parts per million.
CREATE TABLE recovery (source VARCHAR, target VARCHAR, element VARCHAR, lowest_ppm BIGINT, highest_ppm BIGINT);

-- Declared error of published figures. content_ppm: of a contained element, scale, assay and moisture together.
CREATE TABLE setting (scale_ppm BIGINT, assay_ppm BIGINT, content_ppm BIGINT);

-- The ledger, where there is one: every coming and going. element: '' for dry mass. amount: milligrams, negative when
-- it goes. phase: 0 what comes, 1 what goes, at the same minute.
CREATE TABLE holding (minute BIGINT, phase BIGINT, facility VARCHAR, lot VARCHAR, element VARCHAR, amount BIGINT, row_no BIGINT);

-- Stocktakes of the ledger; a row without lot for each, so that an empty one is one.
CREATE TABLE counted (minute BIGINT, facility VARCHAR, lot VARCHAR, element VARCHAR, amount BIGINT, row_no BIGINT);

-- Countries without a coast, and calendar years with their first and last second (UTC).
CREATE TABLE landlocked (code VARCHAR);
CREATE TABLE calendar (year BIGINT, from_s BIGINT, until_s BIGINT);
