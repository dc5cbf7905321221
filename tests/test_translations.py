import re
from collections import Counter

import polib

from odoo.tests import TransactionCase, tagged

from .translations import TEMPLATE, exported, is_same, translations

PLACEHOLDER = re.compile(r"%(?:\(\w+\))?[a-z]|%%")
TAG = re.compile(r"</?[a-z]+|invisible=\"[^\"]*\"|class=\"[^\"]*\"")
# Odoo exports nothing shorter.
LETTERS = re.compile(r"\w\W*\w")
CALLS = re.compile(r"\b_t\(\s*\"((?:[^\"\\]|\\.)*)\"")


@tagged("-standard", "customer_value_minimal")
class TestTranslations(TransactionCase):
    """The files in ``i18n`` hold what the module says: ``dev/i18n`` writes them.

    With the hard dependencies only: other modules add terms of theirs to our models.
    """

    def test_template_is_current(self):
        written = self.places(polib.pofile(str(TEMPLATE)))
        fresh = self.places(exported(self.env))
        hint = "i18n is out of date: run dev/i18n"
        self.assertEqual(sorted(fresh - written), [], f"missing, {hint}")
        self.assertEqual(sorted(written - fresh), [], f"gone, {hint}")

    def places(self, terms):
        """Each term with everywhere it is said; Odoo gives no lines."""
        return {(term.msgid, place) for term in terms for place, _ in term.occurrences}

    def test_every_word_of_the_screens_is_there(self):
        """What JavaScript says, and what selections offer."""
        terms = {term.msgid for term in polib.pofile(str(TEMPLATE))}
        said = set()
        for path in TEMPLATE.parents[1].glob("static/src/**/*.js"):
            said.update(filter(LETTERS.search, CALLS.findall(path.read_text())))
        self.assertGreater(len(said), 20)
        self.assertEqual(said - terms, set())
        self.assertGreater(len(self.selections()), 10)
        for field in self.selections():
            labels = {label for _, label in field.selection if LETTERS.search(label)}
            with self.subTest(field=field):
                self.assertEqual(labels - terms, set())

    def selections(self):
        """The selection fields of ours whose labels stand in the code."""
        fields = {
            field
            for model in self.env.values()
            for field in model._fields.values()
            if field._module == "customer_value" and field.type == "selection"
        }
        return [field for field in fields if isinstance(field.selection, list)]

    def test_translations_are_complete(self):
        template = polib.pofile(str(TEMPLATE))
        self.assertIn("de", translations())
        for language, translation in translations().items():
            with self.subTest(language=language):
                self.assertEqual(self.places(translation), self.places(template))
                lacking = [
                    term.msgid
                    for term in translation
                    if not (term.msgstr or is_same(term)) or term.fuzzy or term.obsolete
                ]
                self.assertEqual(lacking, [])

    def test_translations_say_the_same(self):
        """Placeholders, markup and space at the ends are those of the original."""
        for language, translation in translations().items():
            for term in translation.translated_entries():
                with self.subTest(language=language, term=term.msgid):
                    self.assertEqual(self.form(term.msgstr), self.form(term.msgid))

    def form(self, text):
        ends = text[: len(text) - len(text.lstrip())], text[len(text.rstrip()) :]
        places = PLACEHOLDER.findall(text)
        return (
            Counter(places) if "%(" in text else places,
            Counter(TAG.findall(text)),
            ends,
        )

    def test_german_screens(self):
        """Odoo loads the language and shows it."""
        self.env["res.lang"]._activate_lang("de_DE")
        self.env["ir.module.module"]._load_module_terms(["customer_value"], ["de_DE"])
        german = self.env(context={"lang": "de_DE"})
        tier = german.ref("customer_value.tier_consumers_silver")
        self.assertEqual(tier.name, "Silber")
        partners = german["res.partner"]
        field = partners.fields_get(["value_tier_id"])["value_tier_id"]
        self.assertEqual(field["string"], "Wertstufe")
        form = german.ref("base.view_partner_form")
        self.assertIn('string="Wert"', partners.get_view(form.id)["arch"])
