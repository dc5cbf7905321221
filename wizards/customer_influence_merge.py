from odoo import models
from odoo.tools import SQL

from ..tools.influence import cycle_from


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    """Two accounts become one map, two seats of the same person one seat.

    What was drawn at both stays: lines move over; of two equal lines the stronger one
    stays, and a line between the two seats that become one has no meaning any more.
    """

    _inherit = "base.partner.merge.automatic.wizard"

    def _merge(self, partner_ids, dst_partner=None, extra_checks=True):
        """Whoever merges accounts may see the maps of all of them."""
        self.env["res.partner"].browse(partner_ids)._influence_check_team()
        return super()._merge(partner_ids, dst_partner, extra_checks)

    def _update_foreign_keys(self, src_partners, dst_partner):
        self.env.flush_all()
        self._join_maps(src_partners, dst_partner)
        self._join_seats_of(src_partners, dst_partner)
        self.env.flush_all()
        result = super()._update_foreign_keys(src_partners, dst_partner)
        self.env["customer.influence.map"].sudo()._of_any(dst_partner)._refresh()
        return result

    def _join_maps(self, sources, kept):
        """Of maps in the same company one stays; alone, a map simply moves."""
        maps = self.env["customer.influence.map"].sudo()._of_any(sources | kept)
        for group in maps.grouped("company_id").values():
            staying = group.filtered(lambda one: one.account_id == kept) or group
            staying = staying[0]
            for leaving in group - staying:
                self._join_map(leaving, staying)

    def _join_map(self, leaving, staying):
        """People who have a seat on both maps get one."""
        seats = leaving.with_context(active_test=False).seat_ids
        there = {
            seat.partner_id: seat
            for seat in staying.with_context(active_test=False).seat_ids
            if seat.partner_id
        }
        twice = [
            (seat, there[seat.partner_id]) for seat in seats if seat.partner_id in there
        ]
        person_of = {seat: seat.partner_id for seat, __ in twice}
        for seat in person_of:  # a person has one seat on a map, even for a moment
            self._set(seat, partner_id=None)
        for seat in seats:
            self._set(seat, map_id=staying.id, account_id=staying.account_id.id)
        for name in (
            "customer.influence",
            "customer.key.contact.deal",
            "customer.key.contact.history",
            "customer.key.proposal",
            "customer.influence.view.log",
        ):
            rows = self.env[name].sudo().search([("map_id", "=", leaving.id)])
            self._set(rows, map_id=staying.id)
        self.env.invalidate_all()
        staying.user_ids |= leaving.user_ids
        for seat, other in twice:
            self._join_seat(seat, other)
        leaving.unlink()

    def _set(self, rows, **columns):
        """Past the checks: between two steps of a merge nothing is as it should be."""
        if not rows:
            return
        names = [name for name in columns if rows._fields[name].store]
        sets = [SQL("%s = %s", SQL.identifier(name), columns[name]) for name in names]
        self.env.cr.execute(
            SQL(
                "UPDATE %s SET %s WHERE id = ANY(%s)",
                SQL.identifier(rows._table),
                SQL(", ").join(sets),
                rows.ids,
            )
        )
        rows.invalidate_recordset()

    def _join_seats_of(self, sources, kept):
        """Persons who become one keep one seat on each map."""
        seats = (
            self.env["customer.key.contact"]
            .sudo()
            .with_context(active_test=False)
            .search([("partner_id", "in", (sources | kept).ids)], order="id")
        )
        for group in seats.grouped("map_id").values():
            staying = group.filtered(lambda seat: seat.partner_id == kept) or group
            staying = staying[0]
            for leaving in group - staying:
                self._join_seat(leaving, staying)

    def _join_seat(self, leaving, staying):
        self._join_lines(leaving, staying)
        self._join_deals(leaving, staying)
        reports = leaving.with_context(active_test=False).report_ids - staying
        manager = staying.manager_id or leaving.manager_id
        manager = manager if manager not in (leaving, staying) else leaving.manager_id
        manager = manager if manager != staying else leaving.browse()
        self._set(reports, manager_id=staying.id)
        for name in ("customer.key.contact.history", "customer.key.proposal"):
            rows = self.env[name].sudo().search([("seat_id", "=", leaving.id)])
            self._set(rows, seat_id=staying.id)
        facts = self._joined_facts(leaving, staying)
        self._set(leaving, manager_id=None, partner_id=None)
        self._set(staying, manager_id=None)
        self.env.invalidate_all()
        leaving.unlink()
        staying.write(facts)
        if manager and not self._closes_circle(staying, manager):
            staying.manager_id = manager
        self._break_circle(staying)
        staying._tell_history("merged")

    def _joined_facts(self, leaving, staying):
        """What the one seat did not know, the other may have known."""
        notes = [note for note in (staying.note, leaving.note) if note]
        facts = {
            "role_ids": (staying.role_ids | leaving.role_ids).ids,
            "owner_ids": (staying.owner_ids | leaving.owner_ids).ids,
            "note": "\n".join(dict.fromkeys(notes)) or False,
            "active": staying.active or leaving.active,
        }
        for name in (
            "power",
            "stated_closeness",
            "desired_closeness",
            "department",
            "job",
            "name",
        ):
            facts[name] = staying[name] or leaving[name]
        known = staying if staying.stance != "unknown" else leaving
        facts["stance"] = known.stance
        return facts

    def _closes_circle(self, seat, manager):
        seats = seat.with_context(active_test=False).search(
            [("map_id", "=", seat.map_id.id)]
        )
        manager_of = {one.id: one.manager_id.id for one in seats}
        return bool(cycle_from(seat.id, {**manager_of, seat.id: manager.id}))

    def _break_circle(self, seat):
        """Two trees that had the two in another order: the newer line gives way."""
        if seat.manager_id and self._closes_circle(seat, seat.manager_id):
            seat.manager_id = False

    def _join_lines(self, leaving, staying):
        """Of two lines that become the same the stronger one stays."""
        lines = (
            self.env["customer.influence"]
            .sudo()
            .search(
                [
                    "|",
                    ("source_id", "in", (leaving | staying).ids),
                    ("target_id", "in", (leaving | staying).ids),
                ]
            )
        )
        best = {}
        for line in lines.sorted(lambda line: (-line.strength, line.id)):
            ends = [
                staying.id if end == leaving else end.id
                for end in (line.source_id, line.target_id)
            ]
            if line.kind == "tie":
                key = (line.kind, line.tie_type or "", *sorted(ends))
            else:
                key = (line.kind, line.tie_type or "", *ends)
            if ends[0] != ends[1] and key not in best:
                best[key] = (line, ends)
        kept = lines.browse(line.id for line, __ in best.values())
        (lines - kept).unlink()
        self.env.flush_all()
        for line, (source, target) in best.values():
            self._set(line, source_id=source, target_id=target)

    def _join_deals(self, leaving, staying):
        deals = self.env["customer.key.contact.deal"].sudo()
        known = deals.search([("seat_id", "=", staying.id)])
        moving = deals.search([("seat_id", "=", leaving.id)])
        twice = moving.filtered(lambda deal: deal.lead_id in known.lead_id)
        for deal in twice:
            other = known.filtered(lambda one, deal=deal: one.lead_id == deal.lead_id)
            other.write(
                {
                    "role_ids": (other.role_ids | deal.role_ids).ids,
                    "stance": other.stance or deal.stance,
                }
            )
        twice.unlink()
        self._set(moving - twice, seat_id=staying.id)


class CustomerInfluenceMap(models.Model):
    _inherit = "customer.influence.map"

    def _of_any(self, accounts):
        """Maps of these accounts in every company."""
        return self.search([("account_id", "in", accounts.ids)], order="id")
