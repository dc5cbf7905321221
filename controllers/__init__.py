from . import feedback_portal
