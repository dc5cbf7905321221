from itertools import zip_longest
from typing import NamedTuple

from odoo import api, models
from odoo.tools import SQL

from ..tools.change import Standing, decompose
from ..tools.rounding import largest_remainder, round_half_up
from .measure_sql import CARRIED, MEASURED, Clock, Records
from .scoring_plan import Scope

BEHAVIOUR = {"points": "evidence", "share": "coverage"}
SCHEME = {"points": "scheme", "share": "scheme"}
STEPS = {
    "configuration": {"points": "configuration", "share": "weight"},
    "calibration": {"points": "calibration", "share": "coverage"},
    "merge": {"points": "merge", "share": "merge"},
}
"""What the two effects of an indicator are called, by what lies between."""

SPECIAL = (None, "override")
"""Lines that are no indicator's: another scheme, a manager's word."""

NOTHING = 1e-5
"""Scores are kept to six decimals."""

MAX_DOCUMENTS = 80


class Moment(NamedTuple):
    """A standing, in which scheme, and the names of the effects that led to it."""

    scheme: tuple
    standing: Standing
    kinds: dict

    def continues(self, other):
        """Whether only behaviour lies between."""
        return self.kinds is BEHAVIOUR and self.scheme == other.scheme

    def as_a_whole(self):
        return Standing({None: 1}, {None: self.standing.score})


class CustomerValueChange(models.AbstractModel):
    """Why a score changed between two days: exactly, and down to the documents.

    The history gives the standings. Between steps (a new configuration, a calibration,
    a merge) the first and the last standing are compared by
    :func:`~..tools.change.decompose`; a step compares its own before and after. So the
    effects of all indicators add up to the whole change, and none mixes what the
    customer did with what we did.
    """

    _name = "customer.value.change"
    _description = "Explanation of a Change"

    @api.model
    def _explain(self, score, start, end=None):
        """The change of a customer's score from one day to another.

        :param score: a ``customer.value.score`` the user may read
        :param start: day; the standing is that of the last row until then, or the
            first one ever
        :param end: day, or None for now
        :return: ``{start, end, from, to, lines}`` in plain values; ``from`` and ``to``
            are the shown scores, the lines' ``shown`` add up to their difference
        """
        rows = self._rows(score, end)
        earlier = [at for at, row in enumerate(rows) if row["date"] <= start]
        rows = rows[earlier[-1] if earlier else 0 :]
        lines = self._lines(rows)
        old, new = (round_half_up(row["score"]) for row in (rows[0], rows[-1]))
        shown = largest_remainder([line["amount"] for line in lines], new - old)
        for line, points in zip(lines, shown, strict=True):
            line["shown"] = points
        return {
            "start": rows[0]["date"],
            "end": rows[-1]["date"],
            "from": old,
            "to": new,
            "lines": self._worded(lines, rows, score.partner_id),
        }

    # ---------------------------------------------------------------- standings

    def _rows(self, score, end):
        """History rows until ``end``, oldest first, with the present one if open."""
        rows = self.env.execute_query_dict(
            SQL(
                """
                SELECT date, model_id, score, computed_score, tier_id, cause, is_step,
                       is_replayed, raw, basis, points, states, before_model_id,
                       before_score, before_points, before_states
                  FROM customer_value_history
                 WHERE partner_id = %s AND company_id = %s AND former_id = 0
                   AND points IS NOT NULL AND date <= COALESCE(%s, 'infinity'::date)
              ORDER BY date, recorded, id
                """,
                score.partner_id.id,
                score.company_id.id,
                end,
            )
        )
        if end is None or not rows:
            rows += self.env.execute_query_dict(
                SQL(
                    """
                    SELECT %s AS date, model_id, score, computed_score, tier_id,
                           'time' AS cause, FALSE AS is_step, FALSE AS is_replayed,
                           raw, basis, points, states
                      FROM customer_value_score WHERE id = %s
                    """,
                    score.model_id.sudo()._today(),
                    score.id,
                )
            )
        return rows

    def _standing(self, model_id, points, states):
        """What counted then, by slot: the version's weights, the row's points."""
        indicators = self.env["customer.value.model"].sudo().browse(model_id)
        evidenced = {
            indicator.slot: indicator.weight
            for indicator in indicators.indicator_ids
            if indicator.weight
            and indicator.slot <= len(states)
            and states[indicator.slot - 1] in (MEASURED, CARRIED)
        }
        return Standing(evidenced, {slot: points[slot - 1] for slot in evidenced})

    def _of(self, row, before=False):
        prefix = "before_" if before else ""
        return self._standing(
            row[f"{prefix}model_id"], row[f"{prefix}points"], row[f"{prefix}states"]
        )

    # -------------------------------------------------------------------- lines

    def _lines(self, rows):
        """``[{slot, amount, effects}]``, the largest amounts first."""
        effects = {}
        for kinds, old, new in self._segments(self._moments(rows)):
            for slot, effect in decompose(old, new).items():
                line = effects.setdefault(slot, {})
                for part, kind in kinds.items():
                    line[kind] = line.get(kind, 0) + getattr(effect, part)
        override = self._overridden(rows[-1]) - self._overridden(rows[0])
        if abs(override) > NOTHING:
            effects["override"] = {"override": override}
        lines = [
            {"slot": slot, "amount": sum(parts.values()), "effects": parts}
            for slot, parts in effects.items()
        ]
        return sorted(lines, key=lambda line: -abs(line["amount"]))

    def _moments(self, rows):
        """Every standing with how it came about; a step gives two."""
        for row in rows:
            if row["is_step"] and row is not rows[0]:
                yield Moment(
                    self._scheme(row["before_model_id"]), self._of(row, True), BEHAVIOUR
                )
            kinds = STEPS[row["cause"]] if row["is_step"] else BEHAVIOUR
            yield Moment(self._scheme(row["model_id"]), self._of(row), kinds)

    def _segments(self, moments):
        """``(names of the effects, standing before, standing after)``.

        Standings that only behaviour lies between are passed over. From one scheme to
        another there are other indicators: only the whole can be told.
        """
        since, *following = moments
        for here, after in zip_longest(following, following[1:]):
            if after and after.continues(here) and here.continues(since):
                continue
            if here.scheme == since.scheme:
                yield here.kinds, since.standing, here.standing
            else:
                yield SCHEME, since.as_a_whole(), here.as_a_whole()
            since = here

    def _scheme(self, model_id):
        model = self.env["customer.value.model"].sudo().browse(model_id)
        return model.company_id.id, model.code

    def _overridden(self, row):
        return row["score"] - row["computed_score"]

    # -------------------------------------------------------------------- words

    def _worded(self, lines, rows, partner):
        """The lines for the browser; what the user may not see makes one line."""
        allowed = self._allowed_indicators(rows[-1]["model_id"])
        worded, hidden = [], []
        for line in lines:
            if line["slot"] in SPECIAL:
                worded.append(self._special_line(line))
            elif line["slot"] in allowed:
                indicator = allowed[line["slot"]]
                worded.append(self._indicator_line(indicator, line, rows, partner))
            else:
                hidden.append(line)
        if hidden:
            worded.append(self._hidden_line(hidden))
        return worded

    def _allowed_indicators(self, model_id):
        """``{slot: indicator}`` that the user may see one by one."""
        model = self.env["customer.value.model"].sudo().browse(model_id)
        manages = self.env.user.has_group("customer_value.group_manager")
        shown = model._lineage().indicator_ids.sorted("id")
        by_slot = {indicator.slot: indicator for indicator in shown}
        return {
            slot: indicator
            for slot, indicator in by_slot.items()
            if manages or self.env.su or not indicator.confidential
        }

    def _indicator_line(self, indicator, line, rows, partner):
        labelled = bool(indicator._attribute_of(partner))

        def measured(row):
            at = indicator.slot - 1
            same = self._scheme(row["model_id"]) == self._scheme(indicator.model_id.id)
            states = row["states"] if same else []
            known = at < len(states) and states[at] in (MEASURED, CARRIED)
            points = row["points"][at] if known else None
            return {
                "state": "measured" if known else "none",
                "raw": row["raw"][at] if known else None,
                "basis": row["basis"][at] if known else None,
                "points": points,
                "value_label": self._label_then(row, indicator.slot, points)
                if labelled and known
                else "",
            }

        return {
            "code": indicator.code,
            "id": indicator.id,
            "name": indicator.name,
            "window": indicator.window_text,
            "unit": indicator.unit,
            "aggregate": indicator.aggregate,
            "decays": indicator.decays,
            "has_occasions": bool(indicator.opportunity_source_id),
            "has_documents": bool(indicator.source_id),
            "before": measured(rows[0]),
            "after": measured(rows[-1]),
            "shown": line["shown"],
            "amount": line["amount"],
            "effects": line["effects"],
        }

    def _label_then(self, row, slot, points):
        """What an enumeration's points stood for, by the version of the row.

        The history keeps points, not the customer's field.
        """
        indicators = self.env["customer.value.model"].sudo().browse(row["model_id"])
        found = indicators.indicator_ids.filtered(lambda one: one.slot == slot)
        return found._band_label(points)

    def _special_line(self, line):
        names = {
            "override": self.env._("Set by hand"),
            None: self.env._("Scored by another value model"),
        }
        return {
            "code": line["slot"] or "scheme",
            "name": names[line["slot"]],
            "shown": line["shown"],
            "amount": line["amount"],
            "effects": line["effects"],
        }

    def _hidden_line(self, lines):
        effects = {}
        for line in lines:
            for kind, amount in line["effects"].items():
                effects[kind] = effects.get(kind, 0) + amount
        name = (
            self.env._("1 confidential indicator")
            if len(lines) == 1
            else self.env._("%s confidential indicators", len(lines))
        )
        return {
            "code": "confidential",
            "name": name,
            "shown": sum(line["shown"] for line in lines),
            "amount": sum(line["amount"] for line in lines),
            "effects": effects,
        }

    # ---------------------------------------------------------------- documents

    @api.model
    def _documents(self, score, indicator, start, end):
        """The documents that came into the indicator's window and that left it.

        As the user may read them; of what he may not read he learns the number.

        :return: ``{"unit": ..., "entered": {...}, "left": {...}}``, each of both
            ``{count, hidden, records: [{model, id, name, date, amount}]}``, the
            latest first; the unit is that of the amounts
        """
        end = end or indicator.model_id.sudo()._today()
        return {
            "unit": indicator.source_id.amount_unit,
            "entered": self._only_in(score, indicator, end, start),
            "left": self._only_in(score, indicator, start, end),
        }

    def _only_in(self, score, indicator, day, other):
        """Documents in the window that ends on a day, and not in that of the other."""
        engine = self.env["customer.value.engine"]
        model = indicator.model_id.with_env(engine._plain_env())
        indicator = indicator.with_env(model.env)
        source = indicator.source_id.with_company(model.company_id)
        plan = engine._plan(model, day, Scope(ids=(score.partner_id.id,)))
        query = source._query(model.company_id, plan.scope)
        contact = source._path_sql(query, source.partner_path)
        tz = model.company_id.value_tz
        stamp = Records(source, query, SQL("TRUE"), plan.clock).stamp
        outside = stamp.within(Clock(other, tz).window(indicator), tz)
        query.add_where(source._condition(query, model.company_id))
        query.add_where(plan.scope.contact(contact))
        query.add_where(stamp.within(plan.clock.window(indicator), tz))
        query.add_where(SQL("NOT %s", outside))
        query.groupby = SQL("1, 2")
        query.order = SQL("3 DESC, 2 DESC")
        rows = self.env.execute_query(
            query.select(
                *source._document_sql(query),
                SQL("MAX(%s)", stamp.local_day(tz)),
                SQL("SUM(%s)", source._amount_sql(query)),
            )
        )
        return self._readable(rows, source)

    def _readable(self, rows, source):
        by_model = {}
        for model_name, res_id, *__ in rows:
            by_model.setdefault(model_name, []).append(res_id)
        allowed = {
            (name, record.id): record
            for name, ids in by_model.items()
            for record in self.env[name].browse(ids).exists()._filtered_access("read")
        }
        seen = [row for row in rows if (row[0], row[1]) in allowed]
        return {
            "count": len(rows),
            "hidden": len(rows) - len(seen),
            "records": [
                {
                    "model": model_name,
                    "id": res_id,
                    "name": allowed[model_name, res_id].display_name,
                    "date": day,
                    "amount": float(amount) if source.amount_field else None,
                }
                for model_name, res_id, day, amount in seen[:MAX_DOCUMENTS]
            ],
        }
