-- The credential graph as tables: what the graph rules (profiles/*/rules/*.sql) select from.
--
-- Subset that DuckDB and Spark SQL both run: CREATE TABLE with BIGINT and VARCHAR only.
-- Units:   *_mg   milligrams of product; content_mg milligrams of contained element
--          *_ppm  parts per million (1,000,000 is everything)
--          *_s    seconds since 1970-01-01T00:00:00Z; a date stands as its first (from_s, date_s) or last second (until_s)
--          *_e6   millionths of the unit next to it (degrees, or the unit of a measure)
-- Flags are 0 or 1; NULL always means that the credentials do not say.
-- doc is the position of the document in the credential set, pointer an RFC 6901 pointer into it.

-- One row: the declared parameters of this judgement.
CREATE TABLE setting (
  tolerance_permille BIGINT,   -- allowed relative excess in balances, 20 is two per cent of what went in
  value_permille BIGINT,       -- allowed relative difference between claimed and assessed values
  as_of_s BIGINT,              -- the date of judgement
  anchors BIGINT,              -- number of trust anchors the user listed
  passports BIGINT,            -- number of passports in the set, and so on for the other kinds of evidence
  records BIGINT,
  attestations BIGINT,
  identities BIGINT,
  schemes BIGINT
);

-- Every UNTP credential of the set. broken: 'revoked', 'suspended' or 'signature'; NULL where nothing speaks against it.
CREATE TABLE credential (
  doc BIGINT, id VARCHAR, kind VARCHAR, issuer VARCHAR, issuer_name VARCHAR,
  from_s BIGINT, until_s BIGINT, broken VARCHAR
);

-- Identifiers the user trusts without further evidence.
CREATE TABLE trust_anchor (id VARCHAR);

-- Parties by identifier, merged over all documents that mention them.
CREATE TABLE party (id VARCHAR, name VARCHAR, doc BIGINT, pointer VARCHAR);

-- A party in a role (owner, operator, manufacturer, ...) for a facility, product or event (subject_kind).
CREATE TABLE party_role (
  subject_kind VARCHAR, subject VARCHAR, role VARCHAR, party VARCHAR, doc BIGINT, pointer VARCHAR
);

-- Facilities by identifier, aliases resolved. recorded: 1 when a facility record describes it; issuer: of that record.
CREATE TABLE facility (
  id VARCHAR, name VARCHAR, country VARCHAR, latitude_e6 BIGINT, longitude_e6 BIGINT,
  recorded BIGINT, issuer VARCHAR, doc BIGINT, pointer VARCHAR
);

-- Products: the identifier, with batch and item number where one identifier covers several.
-- passport: 1 when a passport describes it; graded: 1 when its element content is known (2: by the user's assumption).
CREATE TABLE product (
  id VARCHAR, name VARCHAR, granularity VARCHAR, produced_at VARCHAR, produced_from_s BIGINT, produced_until_s BIGINT,
  country VARCHAR, weight_mg BIGINT, issuer VARCHAR, passport BIGINT, graded BIGINT, doc BIGINT, pointer VARCHAR
);

-- Classification codes of products and facilities (subject_kind).
CREATE TABLE category (subject_kind VARCHAR, subject VARCHAR, code VARCHAR, name VARCHAR, scheme VARCHAR);

-- Mass fraction of an element in a product, from characteristics or (assumed 1) from the user.
CREATE TABLE product_content (
  product VARCHAR, element VARCHAR, grade_ppm BIGINT, assumed BIGINT, doc BIGINT, pointer VARCHAR
);

-- Bill of materials of a passport (materialProvenance); share_ppm of the product's own mass.
CREATE TABLE material (
  product VARCHAR, name VARCHAR, code VARCHAR, origin_country VARCHAR, share_ppm BIGINT, doc BIGINT, pointer VARCHAR
);

-- Performance claims of passports and facility records, with the first and last second of the claim's date.
CREATE TABLE claim (
  no BIGINT, id VARCHAR, subject_kind VARCHAR, subject VARCHAR, from_s BIGINT, until_s BIGINT,
  issuer VARCHAR, doc BIGINT, pointer VARCHAR
);
CREATE TABLE claim_criterion (claim BIGINT, criterion VARCHAR, pointer VARCHAR);
CREATE TABLE claim_topic (claim BIGINT, topic VARCHAR);          -- last part of the topic's IRI
CREATE TABLE claim_value (claim BIGINT, metric VARCHAR, unit VARCHAR, value_e6 BIGINT, pointer VARCHAR);
CREATE TABLE claim_score (claim BIGINT, code VARCHAR, pointer VARCHAR);

-- Assessments of conformity credentials. from_s, until_s, broken: of the credential. permit: 1 when the words of the
-- attestation, its scheme or its criteria speak of a permit, licence, lease, title, tenement or concession.
CREATE TABLE assessment (
  no BIGINT, id VARCHAR, conformance BIGINT, scheme VARCHAR, profile VARCHAR, issuer VARCHAR, issued_to VARCHAR,
  assessor_level VARCHAR, assessment_level VARCHAR, permit BIGINT, date_s BIGINT, from_s BIGINT, until_s BIGINT, broken VARCHAR,
  doc BIGINT, pointer VARCHAR
);
CREATE TABLE assessment_criterion (assessment BIGINT, criterion VARCHAR);
CREATE TABLE assessment_topic (assessment BIGINT, topic VARCHAR);
CREATE TABLE assessment_value (assessment BIGINT, metric VARCHAR, unit VARCHAR, value_e6 BIGINT);
CREATE TABLE assessment_score (assessment BIGINT, code VARCHAR);
CREATE TABLE assessed_subject (assessment BIGINT, subject_kind VARCHAR, subject VARCHAR, verified_by_cab BIGINT);

-- Identity anchors: register_type says who or what the register holds. Anchors a party issues to itself are left out.
CREATE TABLE identity (
  no BIGINT, subject VARCHAR, register_type VARCHAR, registered_id VARCHAR, scheme VARCHAR, issuer VARCHAR,
  from_s BIGINT, until_s BIGINT, broken VARCHAR, doc BIGINT, pointer VARCHAR
);
CREATE TABLE identity_scope (identity BIGINT, scope VARCHAR);

-- Who reaches a trust anchor over identity anchors in force at the date of judgement (computed at load, depth 0: is one).
CREATE TABLE anchored (party VARCHAR, anchor VARCHAR, depth BIGINT);

-- Lifecycle events: kind make, move or modify. counted: 0 for the second party's record of the same consignment.
-- limit_kmh: fastest mode of transport that the event's words allow, NULL where they name none.
CREATE TABLE event (
  no BIGINT, id VARCHAR, kind VARCHAR, at_s BIGINT, facility VARCHAR, from_facility VARCHAR, to_facility VARCHAR,
  consignment VARCHAR, activity VARCHAR, transport VARCHAR, limit_kmh BIGINT, issuer VARCHAR, counted BIGINT,
  doc BIGINT, pointer VARCHAR
);

-- Products of events. direction: in, out, moved or modified. mass_mg: NULL where no mass follows from the quantity.
-- measured: mass, count, other, or NULL without a quantity.
CREATE TABLE event_product (
  event BIGINT, direction VARCHAR, product VARCHAR, mass_mg BIGINT, quantity VARCHAR, measured VARCHAR, disposition VARCHAR,
  doc BIGINT, pointer VARCHAR
);

-- Contained elements of event products with known content.
CREATE TABLE event_content (
  event BIGINT, direction VARCHAR, product VARCHAR, element VARCHAR, content_mg BIGINT, assumed BIGINT
);

-- Where each product came from, over make events (computed at load; depth 1: direct input of its make event).
CREATE TABLE lineage (product VARCHAR, ancestor VARCHAR, depth BIGINT);

-- Journeys: a move and, for the first consignment of a product to a destination, its first use there; distance along
-- the great circle.
CREATE TABLE leg (
  event BIGINT, product VARCHAR, mass_mg BIGINT, from_facility VARCHAR, to_facility VARCHAR, distance_km BIGINT,
  depart_s BIGINT, next_s BIGINT, next_event BIGINT, transport VARCHAR, limit_kmh BIGINT, doc BIGINT, pointer VARCHAR
);

-- Links of credentials to documents. in_set: 1 when the target is part of the set; digest_ok: 1 when the stated digest
-- fits it, 0 when it does not, NULL when the published bytes are not at hand.
CREATE TABLE link (
  doc BIGINT, pointer VARCHAR, url VARCHAR, type VARCHAR, in_set BIGINT, digest_stated BIGINT, digest_ok BIGINT
);

-- Status bits that were read, by purpose.
CREATE TABLE status (doc BIGINT, purpose VARCHAR, bit BIGINT, code VARCHAR);

-- Conformity schemes and their criteria as published vocabularies state them.
CREATE TABLE scheme (id VARCHAR, name VARCHAR, endorsed BIGINT, doc BIGINT, pointer VARCHAR);
CREATE TABLE criterion (id VARCHAR, scheme VARCHAR, profile VARCHAR, state VARCHAR, doc BIGINT, pointer VARCHAR);

-- Custody model stated for a product by claim or assessment. strength: 5 identity preserved, 4 segregated,
-- 3 controlled blending, 2 mass balance, 1 book and claim.
CREATE TABLE custody (product VARCHAR, model VARCHAR, strength BIGINT, source VARCHAR, doc BIGINT, pointer VARCHAR);
