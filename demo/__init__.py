"""Demo data: read by Odoo's demo files when they are loaded, and only then."""
