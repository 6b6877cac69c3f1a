"""A small story with a string of one's choice in every place that a dataset can fill."""

from __future__ import annotations

from assay.profiles.contracts.story import (
    Chain,
    Compared,
    Flow,
    Happening,
    Line,
    Lot,
    Paper,
    Part,
    Person,
    Reason,
    Register,
    Side,
    Site,
    Source,
    Story,
    Told,
)

HOSTILE = "<script>alert(1)</script>\x00\"'&{{7*7}}\u202e"


def chain(text: str = "") -> Chain:
    """Mine, smelter and market with a root lot, its tainted product, and a way back."""
    mine = Lot("lot-1", f"Ore{text}", f"10-2501-0001{text}", True, 1.0)
    metal = Lot("lot-2", f"Metal{text}", f"20-2502-0007{text}", False, 0.25)
    sites = (
        Site("mine", f"Old Mine{text}", f"Miners{text}", "AU", 0, (mine,), (1,)),
        Site("smelter", f"Smelter{text}", "", "KR", 1, (metal,), (), 3),
        Site("market", "Market", "Traders", "", 2, ()),
    )
    flows = (
        Flow("mine", "smelter", 1500.0, 2),
        Flow("smelter", "market", 300.0, 1, (2,)),
        Flow("market", "mine", None, 0),
    )
    return Chain(sites, flows, 4)


def side(name: str, text: str = "", *, honest: bool = False) -> Side:
    told = Told(f"1,500{text}", f"1,000{text}", f"kg{text}", "+500 (+50%)", ((f"key{text}", f"more{text}"),))
    why = () if honest else (Reason(f"says more{text}", (1,), 2),)
    return Side(
        name, f"Title{text}", honest, 0.5, f"Mine{text}", f"Miners{text}", "1 Jan 2025", told, "2 events", 1, why, why
    )  # fmt: skip


def story(text: str = "", *, honest: bool = False) -> Story:
    """The story; ``text`` stands at the end of everything that comes from a dataset."""
    lines = (
        Line(f"/credentialSubject/0/movedProduct/0/quantity/value{text}", f"1500{text}", f"1000{text}", "changed"),
        Line("/validFrom", "2025-01-01T00:00:00Z", "2025-01-01T00:00:00Z"),
    )  # fmt: skip
    papers = tuple(
        Paper(
            number, f"https://mine.example/{number}{text}", "traceability event", f"Shipment{text}", f"Miners{text}",
            f"did:web:mine.example{text}", "1 Jan 2025 to no end", f"in force{text}", state, ("F38-1",),
            f"https://old.example/{text}", f"F38-1t{text}", lines, 3,
        )
        for number, state in ((1, "changed"), (2, "added"))
    )  # fmt: skip
    this, other = side("F38-1", text, honest=honest), side("F38-1t", text, honest=not honest)
    part = Part(
        side=this, code="F38", pattern="tampered-credential", family="Cyber", depth="credentials", scope="1",
        scope_means="one credential", dial="share", below_tolerance=True, who="A sender.", how="Quietly.",
        check="Check the signature.", confused_with="A broken copy.", twin_how="Signed again.", look_alike="B24 Signed anew",
        why_honest="It verifies.", counterpart=other, compared=(Compared("True", f"a{text}", f"b{text}", True),),
        registers=(Register("did-archive", "dated keys"),), steps=(f"Open it{text}.",), known_deciders=True,
        sources=(Source("F38", "W3C"),),
    )  # fmt: skip
    return Story(
        name=f"F38-1{text}", title=f"Changed after it was signed{text}", lead=f"Miners{text}, 2025", honest=honest,
        world=f"small{text}", seed="1", as_of="2026-11-01",
        people=(Person(f"did:web:mine.example{text}", f"Miners{text}", f"deceives{text}", (f"number 1{text}",), True),),
        chain=chain(text), papers=papers, papers_more=1, touched=papers[:1], touched_more=1,
        happenings=(Happening("1 Jan 2025, 10:00", f"Mine{text}", f"sent ore{text}", "ledger", f"detail{text}"),),
        happenings_more=2, parts=(part,),
    )  # fmt: skip
