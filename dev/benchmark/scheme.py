"""The private value model of the benchmark: twelve indicators over ready sources."""

from dataclasses import dataclass, field

from odoo.fields import Command

CODE = "bench"

PERCENTILES = (0, 20, 40, 60, 80)


@dataclass(frozen=True)
class Line:
    """One indicator: the fields that differ from its model's defaults."""

    code: str
    source: str
    aggregate: str
    weight: float
    months: int = 12
    scale: str = "step"
    bands: tuple = ()
    occasions: str = ""
    more: dict = field(default_factory=dict)


LINES = (
    Line("sales", "sales", "sum", 20, scale="quantile"),
    Line("growth", "sales", "growth", 5, bands=((-100, 0), (0, 50), (25, 100))),
    Line("recency", "purchases", "recency", 15, 0, "interpolated",
         ((0, 100), (30, 80), (180, 30), (720, 0))),
    Line("frequency", "purchases", "count", 15, scale="quantile"),
    Line("months", "purchases", "months", 5, bands=((0, 0), (2, 40), (6, 100))),
    Line("range", "till_lines", "distinct", 5, 24,
         bands=((0, 0), (3, 50), (10, 100)),
         more={"distinct_path": "product_id.categ_id"}),
    Line("returns", "returns", "rate", 5, occasions="billed",
         bands=((0, 100), (10, 50), (30, 0))),
    Line("on_time", "payments_on_time", "rate", 8, 24, occasions="payments_due",
         bands=((0, 0), (50, 40), (90, 100))),
    Line("overdue", "payments_overdue", "sum", 5, 0,
         bands=((0, 100), (1, 40), (1000, 0))),
    Line("won", "opportunities_won", "rate", 5, 24, occasions="opportunities_decided",
         bands=((0, 20), (50, 100))),
    Line("contact", "activities_done", "count", 7, 24, "interpolated",
         ((0, 0), (2, 100)), more={"decays": True}),
    Line("industry", "", "attribute", 5, scale="enumeration",
         more={"attribute_path": "industry_id", "missing": "ignore"}),
)  # fmt: skip


def make(env):
    """The active bench model of each company; the delivered models are put aside."""
    Model = env["customer.value.model"]
    Model.search([("state", "=", "active")]).write({"state": "retired"})
    env["customer.value.run"].search([]).unlink()
    companies = env["res.company"].search([], order="id", limit=2)
    return Model.concat(*(_make_one(env, company) for company in companies))


def _make_one(env, company):
    model = env["customer.value.model"].create(
        {
            "name": f"Bench {company.name}",
            "code": CODE,
            "company_id": company.id,
            "domain": "[('customer_rank', '>', 0)]",
            "recalibration": "never",
        }
    )
    for line in LINES:
        _make_indicator(env, model, line)
    tiers = (
        ("top", "Top", {"kind": "share", "number": 20, "indicator_id": "sales"}),
        ("middle", "Middle", {"kind": "score", "number": 40}),
        ("base", "Base", None),
    )
    indicators = {record.code: record.id for record in model.indicator_ids}
    for position, (code, name, rule) in enumerate(tiers):
        if rule and rule.get("indicator_id"):
            rule = {**rule, "indicator_id": indicators[rule["indicator_id"]]}
        tier = env["customer.value.tier"].create(
            {"model_id": model.id, "code": code, "name": name, "sequence": position}
        )
        if rule:
            tier.rule_ids = [Command.create(rule)]
    model._replace_active_version()
    return model


def _make_indicator(env, model, line):
    sources = env["customer.value.source"]

    def source(code):
        return sources.search([("code", "=", code)]).id if code else False

    env["customer.value.indicator"].create(
        {
            "model_id": model.id,
            "name": line.code.capitalize(),
            "code": line.code,
            "dimension_id": env["customer.value.dimension"].search([], limit=1).id,
            "source_id": source(line.source),
            "opportunity_source_id": source(line.occasions),
            "aggregate": line.aggregate,
            "window_number": line.months,
            "window_unit": "month",
            "scale": line.scale,
            "weight": line.weight,
            "band_ids": [Command.create(band) for band in _bands(env, line)],
            **line.more,
        }
    )


def _bands(env, line):
    if line.scale == "quantile":
        return [
            {"percentile": edge, "points": 20 * (position + 1)}
            for position, edge in enumerate(PERCENTILES)
        ]
    if line.scale == "enumeration":
        industries = env["res.partner.industry"].search([])
        return [
            {"match_value": str(industry.id), "points": 10 * (position % 11)}
            for position, industry in enumerate(industries)
        ]
    return [{"threshold": edge, "points": points} for edge, points in line.bands]
