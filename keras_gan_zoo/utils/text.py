"""Values as people read them."""

import datetime


def duration(seconds: float) -> str:
    """Return a duration in whole seconds, such as "0:02:05"."""
    return str(datetime.timedelta(seconds=round(seconds)))
