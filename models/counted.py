"""Numbers in words that are right for one, too."""


def counted(env, what, count):
    """``"1 meeting"``, ``"3 meetings"``; ``"every day"``, ``"every 3 days"``.

    :param what: what is counted, a key of the words below
    """
    one, many = _words(env)[what]
    return one if count == 1 else many % count


def _words(env):
    """Of each thing: the words for one, and for several."""
    return {
        "meeting": (env._("1 meeting"), env._("%s meetings")),
        "call": (env._("1 call"), env._("%s calls")),
        "mail": (env._("1 mail"), env._("%s mails")),
        "order": (env._("1 order"), env._("%s orders")),
        "signed": (env._("signed 1 order"), env._("signed %s orders")),
        "deal": (env._("1 opportunity"), env._("%s opportunities")),
        "activity": (env._("1 activity"), env._("%s activities")),
        "days_before": (env._("1 day before"), env._("%s days before")),
        "every": (env._("every day"), env._("every %s days")),
        "within": (env._("within a day"), env._("within %s days")),
    }
