from odoo import api, fields, models
from odoo.exceptions import UserError

from .customer_closeness_partner import ResPartner as ContactWithCloseness
from .customer_profile_set import NUMBER_TYPES
from .customer_value_dirty import STAGED
from .entity_fields import by_entity
from .res_partner import GROUP
from .scoring_plan import Scope

PROFILE_FIELDS = {
    "value_profile_completeness": "completeness",
    "value_profile_set_id": "set_id",
}
"""Fields of a contact, and the field of its customer's profile that each one shows."""


class ResPartner(models.Model):
    """A contact shows what we know of the customer, and what we do not know yet."""

    _inherit = "res.partner"
    _entity_fields = {
        **ContactWithCloseness._entity_fields,
        **{
            name: ("customer.profile.state", source)
            for name, source in PROFILE_FIELDS.items()
        },
    }

    value_profile_completeness = fields.Integer(
        string="Profile Known (%)",
        compute="_compute_value_profile_state",
        search=by_entity("value_profile_completeness"),
        aggregator="avg",
        groups=GROUP,
        help="How much we know of what we want to know of such customers.",
    )
    value_profile_set_id = fields.Many2one(
        "customer.profile.set",
        string="Profile Set",
        compute="_compute_value_profile_state",
        search=by_entity("value_profile_set_id"),
        groups=GROUP,
    )
    value_profile = fields.Json(
        compute="_compute_value_profile", groups=GROUP, exportable=False
    )
    value_profile_ask = fields.Char(
        string="Ask",
        compute="_compute_value_profile",
        groups=GROUP,
        exportable=False,
        help="What is worth asking the customer next.",
    )
    value_profile_fact_ids = fields.One2many(
        "customer.profile.fact", "partner_id", string="What We Noted", groups=GROUP
    )

    # ------------------------------------------------------------------ reading

    @api.depends("commercial_partner_id")
    @api.depends_context("company")
    def _compute_value_profile_state(self):
        self._show_entity_fields("customer.profile.state")

    @api.depends("commercial_partner_id", "value_profile_fact_ids")
    @api.depends_context("company", "uid", "lang")
    def _compute_value_profile(self):
        """As it is at this moment, for forms: what an answer changes is seen at once.

        Of those customers only whom the user may read.
        """
        entities = self.commercial_partner_id._origin._filtered_access("read")
        found = entities._value_profiles()
        for partner in self:
            known = found.get(partner.commercial_partner_id._origin.id)
            partner.value_profile = known and {
                "partner": partner.commercial_partner_id.id,
                "percent": known["percent"],
                "set": known["set"].name,
                "questions": [line._in_short() for line in known["lines"]],
            }
            first = known and known["lines"][:1]
            partner.value_profile_ask = first.display_name if first else False

    def _value_profile_question(self):
        """A question that this user can answer on the spot, for the browser, or False.

        :return: ``{partner, question}``, see ``_in_short``
        """
        entity = self.commercial_partner_id._filtered_access("read")
        known = entity._value_profiles().get(entity.id)
        lines = known and known["lines"].filtered(
            lambda line: line._may_be_answered(entity)
        )
        return lines and {"partner": entity.id, "question": lines[0]._in_short()}

    def _value_profiles(self):
        """``{entity id: set, percent known, open questions}``: the heaviest first."""
        sets = self.env["customer.profile.set"].sudo()
        sql = self.ids and sets._profiles_sql(
            self.env.company, Scope(ids=tuple(sorted(self.ids)))
        )
        if not sql:
            return {}
        self.env.flush_all()
        lines = sets.env["customer.profile.field"]
        return {
            entity: {
                "set": sets.browse(set_id),
                "percent": int(100 * known / total + 0.5),
                "lines": lines.browse(open_ids).sorted(lambda one: -one.weight),
            }
            for entity, set_id, known, total, open_ids in self.env.execute_query(sql)
            if total
        }

    def _invalidate_profile_fields(self):
        """Forget what is cached after it was written in SQL."""
        self.invalidate_model([*PROFILE_FIELDS, "value_profile", "value_profile_ask"])

    # ---------------------------------------------------------------- answering

    def value_profile_answer(self, line_id, answer):
        """Note the answer to a question, where it belongs, with the user's rights.

        :return: what is not known now, see ``value_profile``
        """
        self.ensure_one()
        entity = self.commercial_partner_id
        entity.check_access("read")
        profile = entity._value_profiles().get(entity.id)
        line = profile and profile["lines"].filtered(lambda one: one.id == line_id)
        if not line:
            raise UserError(
                self.env._("This was answered already, or is not asked any more.")
            )
        answer = answer.strip() if isinstance(answer, str) else answer
        if not answer:
            raise UserError(self.env._("Enter an answer first."))
        if line.topic_id:
            entity._value_note_fact(line.topic_id, answer)
        else:
            entity.write({line._field().name: line._parsed(answer)})
        entity._invalidate_profile_fields()
        return entity.value_profile

    def _value_note_fact(self, topic, answer):
        self.env["customer.profile.fact"].create(
            {
                "partner_id": self.id,
                "company_id": self.env.company.id,
                "topic_id": topic.id,
                "date" if topic.has_date else "value": answer,
            }
        )

    # ------------------------------------------------------------------- noticing

    @api.model_create_multi
    def create(self, vals_list):
        partners = super().create(vals_list)
        partners._value_profile_changed()
        return partners

    def write(self, vals):
        asked = self.env["customer.profile.set"]._asked_fields()
        result = super().write(vals)
        if not asked.isdisjoint(vals):
            self._value_profile_changed()
        if "category_id" in vals:
            self._value_forget_personal_facts()
        return result

    def _value_profile_changed(self):
        """Completeness follows soon; nobody waits for it."""
        entities = self.sudo().commercial_partner_id.ids
        if entities:
            self.env["customer.value.dirty"]._mark(STAGED, entities)

    def _value_forget_personal_facts(self):
        """Who does not want to be profiled is not, from now on."""
        people = self._influence_opted_out()
        if people:
            facts = self.env["customer.profile.fact"].sudo()
            facts.search(
                [("partner_id", "in", people.ids), ("topic_id.is_personal", "=", True)]
            ).unlink()
            people._value_profile_changed()


class CustomerProfileField(models.Model):
    _inherit = "customer.profile.field"

    def _may_be_answered(self, customer):
        """Whether the user can answer it anywhere, and may write where it belongs."""
        if self._input()["input"] == "form":
            return False
        if self.topic_id:
            return self.env["customer.profile.fact"].sudo(False).has_access("create")
        return customer.has_access("write")

    def _parsed(self, answer):
        """What was typed, as the contact's field takes it."""
        if self._field().type not in NUMBER_TYPES:
            return answer
        try:
            return float(str(answer).replace(",", "."))
        except ValueError as error:
            raise UserError(
                self.env._("“%s” is not a number: enter digits only.", answer)
            ) from error
