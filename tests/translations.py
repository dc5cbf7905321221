"""The files in `i18n`: written by `dev/i18n`, checked by `test_translations.py`."""

import io
from pathlib import Path

import polib

from odoo.tools.translate import trans_export

MODULE = "customer_value"
FOLDER = Path(__file__).resolve().parents[1] / "i18n"
TEMPLATE = FOLDER / f"{MODULE}.pot"
HEADER = "Translation of Odoo Server.\nThis file contains the translation of the "
SAME = "the same in this language"
"""Comment on a term that is rightly empty: the original is the translation."""
# Dates and exact versions would change the files without need.
METADATA = {
    "Project-Id-Version": "Odoo Server 19.0",
    "Report-Msgid-Bugs-To": "",
    "Last-Translator": "",
    "Language-Team": "",
    "MIME-Version": "1.0",
    "Content-Type": "text/plain; charset=UTF-8",
    "Content-Transfer-Encoding": "",
    "Plural-Forms": "",
}


def exported(env):
    """The template, as Odoo exports it from a database with the module."""
    buffer = io.BytesIO()
    trans_export(None, [MODULE], buffer, "po", env)
    template = polib.pofile(buffer.getvalue().decode())
    template.header = f"{HEADER}following modules:\n\t* {MODULE}\n"
    template.metadata = METADATA
    return template


def translations():
    """``{language: its terms}``."""
    return {path.stem: polib.pofile(str(path)) for path in FOLDER.glob("*.po")}


def is_same(term):
    """Whether a translator said that the term needs no translation."""
    return term.comment.endswith(SAME)


def write(env):
    """Write the template anew; translations get new terms, empty, and lose old ones."""
    exported(env).save(str(TEMPLATE))
    for language, translation in translations().items():
        known = {term.msgid: term for term in translation}
        written = exported(env)
        written.metadata = {**METADATA, **translation.metadata, "Language": language}
        for term in written:
            if term.msgid in known:
                term.msgstr = known[term.msgid].msgstr
                if is_same(known[term.msgid]):
                    term.comment += f"\n{SAME}"
        written.save(str(FOLDER / f"{language}.po"))
