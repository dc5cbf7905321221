"""QR codes as pictures, drawn without any picture library."""

from reportlab.graphics.barcode.qrencoder import QRCode, QRErrorCorrectLevel

QUIET = 4
"""Modules of white around the code that readers ask for."""


def qr_svg(text: str) -> str:
    """A QR code as SVG: black on white, one path, sharp in every size.

    Odoo's own ``/report/barcode`` draws PNG, and fails where reportlab has no renderer
    for it (rlPyCairo, rl_renderPM), which Odoo does not ask for.
    """
    code = QRCode(None, QRErrorCorrectLevel.M)
    code.addData(text)
    code.make()
    dark = "".join(
        f"M{column + QUIET} {row + QUIET}h1v1h-1z"
        for row, modules in enumerate(code.modules)
        for column, is_dark in enumerate(modules)
        if is_dark
    )
    size = len(code.modules) + 2 * QUIET
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}"'
        f' width="{8 * size}" height="{8 * size}" shape-rendering="crispEdges">'
        f'<path fill="#fff" d="M0 0h{size}v{size}H0z"/>'
        f'<path d="{dark}"/></svg>'
    )
