"""One fault for each rule of the audit, put into an honest world: rule, edit, and what may fail with it.

Rules of the ledger are tried with it, the others without: on paper alone nothing else may notice.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple

from .worlds import Edit, Json, World

__all__ = ["MUTANTS", "Mutant"]


class Mutant(NamedTuple):
    rule: str
    edit: Edit
    also: frozenset[str] = frozenset()


MUTANTS: list[Mutant] = []


def mutant(rule: str, *also: str) -> Callable[[Edit], Edit]:
    def keep(edit: Edit) -> Edit:
        MUTANTS.append(Mutant(rule, edit, frozenset(also)))
        return edit

    return keep


def _grade(passport: Json, element: str, factor: float) -> None:
    grades = passport["credentialSubject"]["characteristics"]["elementGrades"]
    grades[element] = grades[element] * factor


def _scale(lines: list[Json], product: str, factor: float) -> None:
    for line in lines:
        if product in line["product"]["name"]:
            line["quantity"]["value"] *= factor


def _date(credential: Json, event: str, valid: str) -> None:
    credential["validFrom"] = valid
    credential["credentialSubject"][0]["eventDate"] = event


# conservation


@mutant("W-101")
def more_lithium_leaves_the_refinery_than_entered(world: World) -> None:
    for passport in world.passports("Lithium hydroxide"):
        _grade(passport, "Li", 1.16)


@mutant("W-102")
def a_concentrator_recovers_two_fifths(world: World) -> None:
    for passport in world.passports("Spodumene ore"):
        _grade(passport, "Li", 1.8)


@mutant("W-103")
def a_stocktake_counts_half_of_what_is_there(world: World) -> None:
    counted = [
        d for d in world.of_kind("DigitalTraceabilityEvent") if "modifiedProduct" in d["credentialSubject"][0]
    ]
    counted[0]["credentialSubject"][0]["modifiedProduct"][0]["quantity"]["value"] /= 2


@mutant("W-103")
def a_stocktake_lacks_what_no_batch_in_work_explains(world: World) -> None:
    lines = world.stocktakes("Falkenau Cell Plant")[0]["credentialSubject"][0]["modifiedProduct"]
    (graphite,) = (line for line in lines if "graphite" in line["product"]["name"])
    graphite["quantity"]["value"] -= 100


@mutant("W-104")
def a_refinery_without_make_events_ships_more_lithium_than_it_received(world: World) -> None:
    world.drop_makes("Lithium hydroxide")
    world.drop_stocktakes()
    for step in ("shipping", "receiving"):
        for move in world.moves("Lithium hydroxide", step):
            _scale(move["credentialSubject"][0]["movedProduct"], "Lithium hydroxide", 15)


@mutant("W-105")
def a_plant_uses_more_than_it_holds(world: World) -> None:
    world.drop_stocktakes()
    for event in world.makes("NMC811 cathode"):
        _scale(event["inputProduct"], "Lithium hydroxide", 1.06)


@mutant("W-106")
def a_receiver_weighs_one_per_cent_more_than_was_sent(world: World) -> None:
    world.drop_stocktakes()
    for move in world.moves("Lithium-ion cells", "receiving"):
        _scale(move["credentialSubject"][0]["movedProduct"], "Lithium-ion cells", 1.01)


@mutant("W-107")
def manganese_is_used_where_it_never_came(world: World) -> None:
    world.drop_stocktakes()
    world.drop(
        *world.moves("Manganese sulphate", "shipping"), *world.moves("Manganese sulphate", "receiving")
    )


# ledger


@mutant("W-110")
def a_conversion_loses_a_milligram_that_it_never_had(world: World) -> None:
    world.fact("conversion", "saenal-refinery")["losses"]["Li"] += 1


@mutant("W-111")
def a_shipment_on_paper_never_happened(world: World) -> None:
    world.drop_stocktakes()
    ghost = copy.deepcopy(world.moves("Manganese sulphate", "shipping")[0])
    ghost["id"] += "-ghost"
    event = ghost["credentialSubject"][0]
    event["id"], event["consignmentId"] = event["id"] + "-ghost", event["consignmentId"] + "-ghost"
    _date(ghost, "2026-02-09T08:00:00Z", "2026-02-09T09:00:00Z")
    event["movedProduct"] = [{**event["movedProduct"][0], "quantity": {"value": 5, "unit": "KGM"}}]
    world.documents.append(ghost)


@mutant("W-112")
def an_arrival_has_no_receipt(world: World) -> None:
    world.drop(*world.moves("Manganese sulphate", "receiving"))


@mutant("W-113")
def both_papers_add_half_a_per_cent_to_the_true_mass(world: World) -> None:
    world.drop_stocktakes()
    for step in ("shipping", "receiving"):
        for move in world.moves("Manganese sulphate", step):
            _scale(move["credentialSubject"][0]["movedProduct"], "Manganese sulphate", 1.005)


@mutant("W-114")
def a_passport_improves_the_grade_by_four_per_mille(world: World) -> None:
    for passport in world.passports("Manganese sulphate"):
        _grade(passport, "Mn", 1.004)


@mutant("W-115")
def a_conversion_starts_before_its_inputs_arrive(world: World) -> None:
    world.fact("conversion", "haneul-cathode-plant")["started"] = 30_000


@mutant("W-116")
def a_stocktake_of_the_ledger_misses_a_milligram(world: World) -> None:
    world.fact("stocktake", "haneul-cathode-plant")["items"][0]["mass"] -= 1


# time and travel


@mutant("W-120")
def a_production_date_lies_days_before_the_make_event(world: World) -> None:
    world.passports("Lithium-ion cells")[0]["credentialSubject"]["productionDate"] = "2026-05-03"


@mutant("W-121")
def a_passport_is_issued_before_its_product_is_made(world: World) -> None:
    world.passports("Lithium-ion cells")[0]["validFrom"] = "2026-05-02T09:00:00Z"


@mutant("W-122")
def hydroxide_is_used_days_before_it_arrives(world: World) -> None:
    _date(world.moves("Lithium hydroxide", "receiving")[0], "2026-03-08T12:00:00Z", "2026-03-08T13:00:00Z")


@mutant("W-123")
def a_site_is_certified_before_it_is_assessed(world: World) -> None:
    certificate = world.certificates("Site certificate")[0]
    certificate["credentialSubject"]["conformityAssessment"][0]["assessmentDate"] = "2026-06-30"


@mutant("W-124")
def a_consignment_arrives_before_it_leaves(world: World) -> None:
    _date(world.moves("Manganese sulphate", "receiving")[0], "2026-02-05T04:00:00Z", "2026-02-05T05:00:00Z")


@mutant("W-125")
def a_ship_goes_round_the_world_in_three_days(world: World) -> None:
    sent = datetime.fromisoformat(
        world.moves("NMC811 cathode", "shipping")[0]["credentialSubject"][0]["eventDate"]
    )
    world.drop_stocktakes()
    arrived = (sent + timedelta(days=3)).replace(hour=12, minute=0, second=0)
    stamps = (moment.strftime("%Y-%m-%dT%H:%M:%SZ") for moment in (arrived, arrived + timedelta(hours=1)))
    _date(world.moves("NMC811 cathode", "receiving")[0], *stamps)


@mutant("W-126")
def a_stated_route_is_shorter_than_the_great_circle(world: World) -> None:
    event = world.moves("NMC811 cathode", "shipping")[0]["credentialSubject"][0]
    event["description"] = "Route: sea 2500 km, road 380 km."


@mutant("W-127")
def a_landlocked_country_ships_by_sea(world: World) -> None:
    world.replace('"countryCode": "KR"', '"countryCode": "LI"')
    for document in world.moves("NMC811 cathode", "shipping"):
        document["credentialSubject"][0]["description"] = "Route: sea 20500 km."


@mutant("W-128")
def an_event_is_recorded_before_it_happens(world: World) -> None:
    world.moves("NMC811 cathode", "shipping")[0]["validFrom"] = "2026-02-20T00:00:00Z"


# capacities


@mutant("W-130")
def a_plant_makes_more_than_its_capacity(world: World) -> None:
    subject = world.facility("Haneul Cathode")["credentialSubject"]
    subject["description"] = "Annual capacity of 3 tonnes of cathode active material."


@mutant("W-131")
def a_mine_digs_more_than_its_permit_allows(world: World) -> None:
    world.replace("No more than 1200000 tonnes", "No more than 1200 tonnes")


@mutant("W-132")
def a_refinery_mistakes_kilograms_for_tonnes(world: World) -> None:
    subject = world.facility("Saenal Refinery")["credentialSubject"]
    subject["description"] = "Refinery with an annual production capacity of approximately 40,000 tonnes."
    subject["materialUsage"] = {
        "applicablePeriod": {"startDate": "2025-01-01", "endDate": "2025-12-31"},
        "materialConsumed": [{"name": "Spodumene concentrate", "mass": {"value": 310_000, "unit": "KGM"}}],
    }


# geography


@mutant("W-140")
def a_plant_in_saxony_says_it_lies_in_france(world: World) -> None:
    world.facility("Lindenhag")["credentialSubject"]["countryOfOperation"]["countryCode"] = "FR"
    for passport in world.passports("Traction battery pack"):
        passport["credentialSubject"]["countryOfProduction"]["countryCode"] = "FR"


@mutant("W-141")
def a_boundary_lies_a_degree_away(world: World) -> None:
    for corner in world.facility("Lindenhag")["credentialSubject"]["locationInformation"]["geoBoundary"]:
        corner["latitude"] += 1


@mutant("W-142")
def a_boundary_is_not_closed(world: World) -> None:
    del world.facility("Lindenhag")["credentialSubject"]["locationInformation"]["geoBoundary"][-1]


@mutant("W-143")
def a_plus_code_points_elsewhere(world: World) -> None:
    world.facility("Lindenhag")["credentialSubject"]["locationInformation"]["plusCode"] = (
        "https://plus.codes/9F4FXR22+22"
    )


@mutant("W-145")
def a_product_comes_from_another_country_than_its_facility(world: World) -> None:
    world.passports("Lithium hydroxide")[0]["credentialSubject"]["countryOfProduction"]["countryCode"] = "JP"


# codes


@mutant("W-150")
def a_rechargeable_pack_is_classified_as_primary_cells(world: World) -> None:
    world.passports("Traction battery pack")[0]["credentialSubject"]["productCategory"][0]["code"] = "46410"


@mutant("W-151")
def a_country_is_no_code(world: World) -> None:
    role = world.passports("Traction battery pack")[0]["credentialSubject"]["relatedParty"][0]
    role["party"]["registrationCountry"] = {"countryCode": "UK"}


@mutant("W-152")
def a_unit_is_a_word(world: World) -> None:
    assessment = world.certificates("Mining permit")[0]["credentialSubject"]["conformityAssessment"][0]
    assessment["assessedPerformance"][0]["measure"]["unit"] = "hectares"


@mutant("W-153")
def a_business_step_is_misspelt(world: World) -> None:
    world.moves("Manganese sulphate", "shipping")[0]["credentialSubject"][0]["activityType"]["code"] = (
        "shiping"
    )


# validity


@mutant("W-160")
def a_certifier_certifies_after_its_accreditation_ended(world: World) -> None:
    issuer = world.certificates("Site certificate")[0]["issuer"]["id"]
    anchors = [d for d in world.of_kind("DigitalIdentityAnchor") if d["credentialSubject"]["id"] == issuer]
    for anchor in anchors:
        anchor["validUntil"] = "2025-06-30T00:00:00Z"


@mutant("W-161")
def a_record_ends_before_it_begins(world: World) -> None:
    world.facility("Lindenhag")["validUntil"] = "2020-01-01T00:00:00Z"


@mutant("W-162")
def ore_is_mined_before_the_permit_begins(world: World) -> None:
    world.certificates("Mining permit")[0]["validFrom"] = "2026-02-01T00:00:00Z"


# packs


@mutant("W-170")
def voltage_times_capacity_is_not_the_energy(world: World) -> None:
    world.passports("Traction battery pack")[0]["credentialSubject"]["characteristics"].update(
        nominalVoltage={"value": 400, "unit": "V"}, ratedCapacity={"value": 150, "unit": "Ah"}
    )


@mutant("W-171")
def a_pack_holds_twice_the_lithium_its_energy_needs(world: World) -> None:
    for passport in world.passports("Traction battery pack"):
        characteristics = passport["credentialSubject"]["characteristics"]
        for figure in ("ratedEnergy", "ratedCapacity"):
            characteristics[figure]["value"] /= 2


@mutant("W-172")
def a_material_weighs_twice_its_share(world: World) -> None:
    material = world.passports("Traction battery pack")[0]["credentialSubject"]["materialProvenance"][0]
    material["mass"]["value"] *= 2


@mutant("W-173")
def a_pack_declares_more_cells_than_were_used(world: World) -> None:
    subject = world.passports("Traction battery pack")[0]["credentialSubject"]
    weight = subject["dimensions"]["weight"]["value"]
    for material, share in zip(subject["materialProvenance"], (0.82, 0.18), strict=True):
        material["massFraction"], material["mass"]["value"] = share, round(share * weight, 3)


@mutant("W-174")
def cells_consist_of_nickel_sulphate(world: World) -> None:
    material = world.passports("Lithium-ion cells")[0]["credentialSubject"]["materialProvenance"][0]
    assert "cathode active material" in material["name"]
    material["name"] = "Nickel sulphate hexahydrate"


@mutant("W-175")
def a_pack_holds_more_energy_than_its_cells(world: World) -> None:
    characteristics = world.passports("Traction battery pack")[0]["credentialSubject"]["characteristics"]
    characteristics["ratedEnergy"]["value"] = 82
    characteristics["ratedCapacity"]["value"] = 82_000 / characteristics["nominalVoltage"]["value"]


# sustainability


@mutant("W-180")
def a_pack_forgets_the_footprint_of_its_cells(world: World) -> None:
    claims = world.passports("Traction battery pack")[0]["credentialSubject"]["performanceClaim"]
    (claim,) = (one for one in claims if one["name"] == "Product carbon footprint")
    claim["claimedPerformance"][0]["measure"]["value"] = 3.0
