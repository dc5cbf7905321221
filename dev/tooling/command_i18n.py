"""dev/i18n: the terms to translate, as Odoo exports them, into the files of i18n."""

import argparse

from .cache import MODULE, REPO, make_folder
from .console import say
from .databases import MINIMAL, Databases
from .odoo_step import OdooStep
from .workspace import workspace

WRITE = f"""
from odoo.addons.{MODULE}.tests.translations import write
write(env)
"""


def main(arguments: list[str]) -> int:
    argparse.ArgumentParser(prog="dev/i18n", description=__doc__).parse_args(arguments)
    folder = make_folder(REPO / "i18n")
    with workspace() as ready, Databases(ready).run_copy(MINIMAL) as copy:
        step = OdooStep("Exporting the terms to translate")
        ready.run_odoo(step, "shell", "-d", copy.name, stdin=WRITE)
    say(f"Written: {', '.join(sorted(path.name for path in folder.glob('*.po*')))}")
    return 0
