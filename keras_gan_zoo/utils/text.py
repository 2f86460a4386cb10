"""Values and errors as people read them."""

import datetime


def duration(seconds: float) -> str:
    """Return a duration in whole seconds, such as "0:02:05"."""
    return str(datetime.timedelta(seconds=round(seconds)))


def one_line(error: Exception) -> str:
    """Return the message of an error as one line, which has a reason also where the error has none."""
    text = " ".join(str(error).split()) or type(error).__name__
    return text if len(text) <= 1000 else f"{text[:1000]} ..."
