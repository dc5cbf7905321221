import logging

import psycopg2
import psycopg2.extensions

from odoo import api, fields, models
from odoo.tools import SQL

from .scoring_plan import Scope

_logger = logging.getLogger(__name__)

BATCH = 10_000
"""Marks taken, and customers scored, by one incremental run: a few seconds of work."""

ENTITY = "entity"
MERGED = "merge"
STAGED = "stage"
AGAIN = "again"
"""In place of a model's name: the customer is marked, nothing is to be followed.

STAGED was scored already, and what follows from it is to be found. AGAIN was scored
while a run was under way that had read the documents before they changed: once more
after the run."""


class CustomerValueDirty(models.Model):
    """Marks of what changed since it was scored, left by business transactions.

    A mark is a row appended at the end of the transaction: no lock is taken, no
    partner written, nothing computed. Which customers a mark means is found when it is
    scored, for all marks at once.
    """

    _name = "customer.value.dirty"
    _description = "Customer to Score Again"
    _log_access = False

    res_model = fields.Char(required=True)
    res_id = fields.Integer(required=True)

    # ------------------------------------------------------------------- marking

    @api.model
    def _mark(self, model_name, ids):
        """Remember records to be scored; written when the transaction ends."""
        marks = self.env.cr.precommit.data.setdefault("customer_value.dirty", {})
        if not marks:
            self.env.cr.precommit.add(self._write_marks)
        marks.setdefault(model_name, set()).update(ids)

    @api.model
    def _write_marks(self):
        marks = self.env.cr.precommit.data.pop("customer_value.dirty", {})
        if any(marks.values()):
            [(is_called,)] = self.env.execute_query(self._mark_sql(marks))
            if not is_called:
                self.env.cr.postcommit.add(self.env["ir.cron"].sudo()._notifydb)

    def _mark_sql(self, marks):
        """Append the marks and call the cron; was it called before, and not come yet?

        To call out costs a sale more than the marks: in a busy hour one call does for
        many. Whoever comes just when the cron is done waits for its next round, a
        minute at most.
        """
        cron_id = self.env["ir.model.data"]._xmlid_to_res_id(
            "customer_value.ir_cron_incremental"
        )
        return SQL(
            """
            WITH marked AS (%(append)s), called AS (
                INSERT INTO ir_cron_trigger (cron_id, call_at, create_uid, create_date)
                SELECT id, %(now)s, %(uid)s, %(now)s FROM ir_cron WHERE id = %(cron)s
            )
            SELECT EXISTS (SELECT 1 FROM ir_cron_trigger
                            WHERE cron_id = %(cron)s AND call_at <= %(now)s)
            """,
            append=self._append_sql(marks),
            cron=cron_id or None,
            uid=self.env.uid,
            now=fields.Datetime.now(),
        )

    def _append_sql(self, marks):
        """Adds a row for each id of ``{model name: ids}``."""
        rows = [(name, res_id) for name in marks for res_id in marks[name]]
        return SQL(
            "INSERT INTO customer_value_dirty (res_model, res_id) "
            "SELECT * FROM UNNEST(%s::varchar[], %s::int[])",
            [name for name, __ in rows],
            [res_id for __, res_id in rows],
        )

    @api.model
    def _wake(self):
        """Call the scheduled action that works the marks off."""
        cron = self.env.ref("customer_value.ir_cron_incremental", False)
        if cron:
            cron.sudo()._trigger()

    @api.model
    def _mark_partners(self, partners):
        self._mark("res.partner", partners.ids)

    # ------------------------------------------------------------------- scoring

    @api.model
    def _cron_score_dirty(self):
        """Score what was marked, batch by batch, while the cron has time."""
        remaining = self._count_open()
        self.env["ir.cron"]._commit_progress(remaining=remaining)
        while remaining:
            try:
                taken = self._score_batch()
            except psycopg2.extensions.TransactionRollbackError:
                self.env.cr.rollback()
                _logger.info("Customer value: somebody else scored the same, later")
                taken = 0
            remaining = self._count_open()
            time_left = self.env["ir.cron"]._commit_progress(taken, remaining=remaining)
            if not (time_left and taken):
                break

    @api.model
    def _score_batch(self):
        """Score the customers of the oldest marks; returns the number of marks.

        A mark may mean very many (a product category that moved): they are marked
        one by one and scored by later batches. What follows waits until all are scored.
        """
        marks = self._next_marks()
        if not marks:
            return 0
        by_model = {}
        for mark in marks:
            by_model.setdefault(mark.res_model, set()).add(mark.res_id)
        staged = by_model.pop(STAGED, set())
        merged = by_model.pop(MERGED, set())
        entities = sorted(self._entities(by_model) - merged)
        scored = [*merged, *entities[:BATCH]]
        taken = len(marks)
        self.env.cr.execute(
            SQL("DELETE FROM customer_value_dirty WHERE id = ANY(%s)", marks.ids)
        )
        marks.invalidate_recordset()
        later = {ENTITY: entities[BATCH:], STAGED: scored}
        if self.env["customer.value.run"]._is_reading():
            later[AGAIN] = scored
        self.env.cr.execute(self._append_sql(later))
        self._score_entities(merged, cause="merge")
        self._score_entities(entities[:BATCH])
        if staged:
            self.env["customer.value.following"]._follow(staged)
        return taken

    def _open_domain(self):
        """The marks that may be worked off now."""
        is_reading = self.env["customer.value.run"]._is_reading()
        return [("res_model", "!=", AGAIN)] if is_reading else []

    def _count_open(self):
        return self.search_count(self._open_domain(), limit=100 * BATCH)

    def _next_marks(self):
        """The oldest of those who are to be scored, else to be staged."""
        domain = self._open_domain()
        to_score = [*domain, ("res_model", "!=", STAGED)]
        marks = self.search(to_score, order="id", limit=BATCH)
        marks = marks or self.search(domain, order="id", limit=BATCH)
        return marks.try_lock_for_update()

    @api.model
    def _score_entities(self, entities, companies=None, cause="evidence"):
        """Score entities by every active model, as of today."""
        if not entities:
            return
        domain = [("state", "=", "active")]
        if companies:
            domain.append(("company_id", "in", companies.ids))
        engine = self.env["customer.value.engine"]
        scope = Scope(ids=tuple(sorted(entities)))
        for model in self.env["customer.value.model"].sudo().search(domain):
            if model.calibrated_on:
                engine._score(model, model._today(), scope, cause)

    @api.model
    def _score_now(self, partners, companies=None, cause="evidence"):
        """Score some customers at once, for a button or a manager's word."""
        entities = set(partners.commercial_partner_id.ids)
        self._score_entities(entities, companies, cause)

    # Read as the database stands, without flushing: this runs inside a flush too,
    # to learn whom a record spoke of before it changes.

    @api.model
    def _entities(self, by_model, route=None):
        """Ids of the commercial entities that some records speak of.

        :param by_model: ``{model name: set of ids}``
        :param route: the only route to take from these records, see :mod:`.watching`
        """
        watched = self.env["customer.value.source"]._watched()
        queue, seen = dict(by_model), set()
        entities = set()
        for kind in (ENTITY, AGAIN, MERGED):
            entities.update(queue.pop(kind, ()))
        while queue:
            model_name, ids = queue.popitem()
            new = [res_id for res_id in ids if (model_name, res_id) not in seen]
            seen.update((model_name, res_id) for res_id in new)
            if not new:
                continue
            if model_name == "res.partner":
                entities |= self._entities_of_contacts(new)
            for one in [route] if route else watched.get(model_name, ()):
                if isinstance(one, tuple):
                    self._follow_back(new, one, queue)
                elif one not in ("id", "commercial_partner_id"):
                    self._follow_path(model_name, one, new, queue, entities)
            route = None
        return entities

    def _entities_of_contacts(self, ids):
        """Their companies, and who was scored for itself before it joined one."""
        self.env.cr.execute(
            SQL(
                """
                SELECT commercial_partner_id FROM res_partner WHERE id = ANY(%(ids)s)
                 UNION
                SELECT partner_id FROM customer_value_score
                 WHERE partner_id = ANY(%(ids)s)
                """,
                ids=ids,
            )
        )
        return {entity for (entity,) in self.env.cr.fetchall() if entity}

    def _follow_back(self, ids, route, queue):
        """Records that point to these join the queue."""
        model_name, path = route
        model = self.env[model_name].sudo().with_context(active_test=False)
        query = model._search([(path, "in", ids)])
        self.env.cr.execute(query.select())
        found = {res_id for (res_id,) in self.env.cr.fetchall()}
        if found:
            queue.setdefault(model_name, set()).update(found)

    def _follow_path(self, model_name, path, ids, queue, entities):
        """Add the customers at the end of a path, or the documents found there."""
        source = self.env["customer.value.source"].new({"res_model": model_name}).sudo()
        model = source._source_model()
        query = model._search([("id", "in", ids)])
        *__, (owner, last) = source._walk(model, path)
        if last.type == "many2one_reference":
            self.env.cr.execute(
                query.select(
                    source._path_sql(query, source._beside(path, last.model_field)),
                    source._path_sql(query, path),
                )
            )
            for name, res_id in self.env.cr.fetchall():
                if name in self.env and res_id:
                    queue.setdefault(name, set()).add(res_id)
            return
        contact = source._path_sql(query, path)
        query.add_join(
            "JOIN", "cv_contact", "res_partner", SQL("cv_contact.id = %s", contact)
        )
        self.env.cr.execute(
            query.select(SQL("DISTINCT cv_contact.commercial_partner_id"))
        )
        entities.update(entity for (entity,) in self.env.cr.fetchall() if entity)
