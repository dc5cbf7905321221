from urllib.parse import urlsplit

from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError
from odoo.tools import SQL

from .customer_touchpoint import FEELINGS
from .scoring_plan import Scope

CHANNELS = [
    ("review", "Review site"),
    ("social", "Social network"),
    ("press", "Press"),
    ("talk", "Talk"),
    ("forum", "Forum"),
    ("podcast", "Podcast or video"),
    ("other", "Elsewhere"),
]
LONGEST_ADDRESS = 2000


class CustomerTouchpoint(models.Model):
    """Mentions: the customer spoke of us to others.

    A mention counts when anybody can look it up at its address, or when a manager
    confirmed it. Typed without an address it is kept, shown as unverified, and counts
    nothing. Of what is verified, ``customer.value.mention`` lets through what the caps
    of the company allow.
    """

    _inherit = "customer.touchpoint"

    mention_channel = fields.Selection(CHANNELS, string="Channel")
    mention_url = fields.Char(
        string="Address", help="Where anybody can look it up: https://..."
    )
    mention_reach = fields.Integer(
        string="Reach",
        aggregator="sum",
        help="How many people it reached, as far as is known.",
    )
    mention_confirmed = fields.Boolean(
        string="Confirmed",
        copy=False,
        help="A manager vouches for it, though it has no address.",
    )
    mention_counted = fields.Boolean(
        string="Counts", compute="_compute_mention_counted"
    )
    mention_standing = fields.Char(
        string="Why It Counts or Not", compute="_compute_mention_counted"
    )

    _reach_positive = models.Constraint(
        "CHECK (mention_reach >= 0)", "A mention reaches 0 people or more."
    )

    @api.depends(
        "kind",
        "active",
        "partner_id",
        "company_id",
        "date",
        "mention_url",
        "mention_confirmed",
    )
    def _compute_mention_counted(self):
        """Asked of the view itself, so that screen and score never differ."""
        mentions = self.filtered(lambda one: one.kind == "mention")
        counted = self.env["customer.value.mention"].sudo()._counted(mentions)
        for touchpoint in self:
            touchpoint.mention_counted = touchpoint._origin.id in counted
            touchpoint.mention_standing = (
                touchpoint in mentions and touchpoint._mention_standing_words()
            )

    def _mention_standing_words(self):
        if self.mention_counted:
            return self.env._("Counts.")
        if not self._origin.id:
            return self.env._("Not saved yet.")
        if not self.active:
            return self.env._("Does not count: archived.")
        if not (self.mention_url or self.mention_confirmed):
            return self.env._(
                "Unverified, does not count: give its address, or let a manager "
                "confirm it."
            )
        return self.env._(
            "Does not count: the same address was mentioned before, or this customer "
            "has %s counted mentions in the month already.",
            self.company_id.sudo().value_mention_limit,
        )

    # --------------------------------------------------------------- constraints

    @api.constrains("kind", "mention_channel", "mention_url")
    def _check_mention(self):
        for mention in self:
            if mention.kind == "mention" and not mention.mention_channel:
                raise ValidationError(
                    self.env._("Where? Choose the channel of the mention.")
                )
            if mention.mention_url and not is_web_address(mention.mention_url):
                raise ValidationError(
                    self.env._(
                        "“%s” is no address of the web. It begins with https:// and "
                        "names a place, as in https://example.com/review/7.",
                        mention.mention_url,
                    )
                )

    # ---------------------------------------------------------------------- CRUD

    @api.model_create_multi
    def create(self, vals_list):
        self._check_confirmation(vals_list)
        return super().create([self._tidy_address(vals) for vals in vals_list])

    def write(self, vals):
        self._check_confirmation([vals])
        return super().write(self._tidy_address(vals))

    def _check_confirmation(self, vals_list):
        """To vouch for a mention is a manager's word."""
        if (
            any(vals.get("mention_confirmed") for vals in vals_list)
            and not self.env.su
            and not self.env.user.has_group("customer_value.group_manager")
        ):
            raise AccessError(
                self.env._("Only a manager can confirm a mention without an address.")
            )

    @staticmethod
    def _tidy_address(vals):
        if vals.get("mention_url"):
            return {**vals, "mention_url": vals["mention_url"].strip()}
        return vals

    def action_confirm_mention(self):
        self.filtered(lambda one: one.kind == "mention").mention_confirmed = True


def is_web_address(address):
    """Whether it looks like something a browser can open; nobody is called up.

    >>> is_web_address("https://example.com/review/7")
    True
    >>> is_web_address("javascript:alert(1)"), is_web_address("example.com")
    (False, False)
    """
    try:
        parts = urlsplit(address)
        host = parts.hostname or ""
    except ValueError:
        return False
    return (
        parts.scheme in ("http", "https")
        and "." in host.strip(".")
        and not set(address) & set(' \t\r\n<>"')
        and len(address) <= LONGEST_ADDRESS
    )


class CustomerValueMention(models.Model):
    """The mentions that count: verified, each address once, so many a month.

    What comes first counts, so that a later mention never takes away from an earlier
    one, and the past stays as it was scored. Of the reach counts what the company
    allows for one mention.
    """

    _name = "customer.value.mention"
    _description = "Mentions That Count"
    _inherit = ["customer.value.view"]
    _auto = False
    _value_watches = {
        "customer.touchpoint": {
            "partner_id": (
                "kind",
                "active",
                "date",
                "company_id",
                "mention_url",
                "mention_confirmed",
                "mention_reach",
                "feeling",
                "mention_channel",
            )
        },
    }

    res_model = fields.Char()
    res_id = fields.Integer()
    partner_id = fields.Many2one("res.partner")
    company_id = fields.Many2one("res.company")
    channel = fields.Selection(CHANNELS)
    feeling = fields.Selection(FEELINGS)
    tone = fields.Integer(help="The feeling as a rating: 1 to 5.")
    reach = fields.Integer()
    date = fields.Datetime()

    @property
    def _table_query(self):
        return SQL(
            """
            SELECT ranked.id, 'customer.touchpoint' AS res_model,
                   ranked.id AS res_id, ranked.partner_id, ranked.company_id,
                   ranked.channel, ranked.feeling,
                   ranked.feeling::integer + 3 AS tone, ranked.reach,
                   ranked.date
              FROM (
                SELECT fresh.*,
                       ROW_NUMBER() OVER (
                           PARTITION BY entity, company_id, month ORDER BY date, id
                       ) AS place
                  FROM (%s) fresh
                 WHERE fresh.seen = 1
              ) ranked
             WHERE ranked.place <= ranked.most
            """,
            self._verified(),
        )

    def _verified(self):
        """Verified mentions; ``seen`` counts how often an address came up by then."""
        return SQL(
            """
            SELECT touch.id, touch.partner_id, touch.company_id,
                   touch.mention_channel AS channel, touch.feeling,
                   LEAST(touch.mention_reach, company.value_mention_reach) AS reach,
                   touch.date, contact.commercial_partner_id AS entity,
                   company.value_mention_limit AS most,
                   DATE_TRUNC('month', touch.date AT TIME ZONE 'UTC'
                                       AT TIME ZONE company.value_tz) AS month,
                   ROW_NUMBER() OVER (
                       PARTITION BY contact.commercial_partner_id, touch.company_id,
                                    COALESCE(LOWER(RTRIM(touch.mention_url, '/')),
                                             touch.id::varchar)
                           ORDER BY touch.date, touch.id
                   ) AS seen
              FROM customer_touchpoint touch
              JOIN res_partner contact ON contact.id = touch.partner_id
              JOIN res_company company ON company.id = touch.company_id
             WHERE touch.kind = 'mention' AND touch.active
               AND (COALESCE(touch.mention_url, '') <> '' OR touch.mention_confirmed)
               AND %s
            """,
            self._in_scope(SQL("touch.partner_id")),
        )

    def _counted(self, mentions):
        """The ids of those mentions that count."""
        if not mentions.ids:
            return set()
        entities = mentions.partner_id.sudo().commercial_partner_id
        contacts = self.env["res.partner"].with_context(active_test=False)
        theirs = contacts.search([("commercial_partner_id", "in", entities.ids)])
        scope = Scope(ids=tuple(entities.ids), contacts=tuple(theirs.ids))
        mentions.flush_model()
        scoped = self.with_context(customer_value_scope=scope)
        return set(scoped.search([("id", "in", mentions.ids)]).ids)
