from odoo.tests import HttpCase, tagged


@tagged("post_install", "-at_install")
class TestHoot(HttpCase):
    """Runs ``static/tests/unit`` in a browser."""

    def test_unit(self):
        self.browser_js(
            "/web/tests?headless&loglevel=2&preset=desktop&timeout=15000"
            f"&id={_suite_hash('@customer_value')}",
            "",
            "",
            login="admin",
            timeout=180,
            success_signal="[HOOT] Test suite succeeded",
            error_checker=lambda message: "[HOOT]" not in message,
        )


def _suite_hash(name):
    """The number HOOT gives to the suite of an addon."""
    found = 0
    for character in name:
        found = ((found << 5) - found + ord(character)) & 0xFFFFFFFF
    return f"{found:08x}"
