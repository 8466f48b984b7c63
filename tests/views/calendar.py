"""Days as numbers: 0 is 1970-01-01, in UTC, by the Gregorian calendar.

In this directory the name stands before the standard library's `calendar`; nothing here needs that one.
"""

DAY = 86_400_000
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")


def number(year, month, day):
    """The number of a day, of any year."""
    year -= month <= 2
    era, rest = divmod(year, 400)
    of_year = (153 * (month + (-3 if month > 2 else 9)) + 2) // 5 + day - 1
    return era * 146_097 + rest * 365 + rest // 4 - rest // 100 + of_year - 719_468


LAST = number(9999, 12, 31)


def parts(day):
    """Year, month and day of a number."""
    era, rest = divmod(day + 719_468, 146_097)
    year = (rest - rest // 1460 + rest // 36_524 - rest // 146_096) // 365
    of_year = rest - (365 * year + year // 4 - year // 100)
    month = (5 * of_year + 2) // 153
    day = of_year - (153 * month + 2) // 5 + 1
    month += 3 if month < 10 else -9
    return year + era * 400 + (month <= 2), month, day


def read(text):
    """The number of a day written `YYYY-MM-DD`; None for anything else."""
    if not isinstance(text, str) or len(text) != 10 or text[4] != "-" or text[7] != "-":
        return None
    digits = text[:4] + text[5:7] + text[8:]
    if not (digits.isascii() and digits.isdigit()):
        return None
    given = int(text[:4]), int(text[5:7]), int(text[8:])
    if not (1 <= given[1] <= 12 and 1 <= given[2] <= 31):
        return None
    day = number(*given)
    return day if parts(day) == given else None


def write(day):
    """`YYYY-MM-DD`; None for none. Days beyond the year 9999 are its last one."""
    if day is None:
        return None
    return "%04d-%02d-%02d" % parts(min(day, LAST))


def of(time):
    """The day of a moment in milliseconds; None for none."""
    return None if time is None else time // DAY


def start(day):
    """The first millisecond of a day."""
    return day * DAY


def end(day):
    """The last millisecond of a day."""
    return (day + 1) * DAY - 1


def between(a, b):
    """Days from one day to another; 0 to an earlier one."""
    return max(0, b - a)


def year(day):
    return parts(day)[0]


def month(day):
    """`YYYY-MM`."""
    return "%04d-%02d" % parts(day)[:2]


def weekday(day):
    """0 is a Monday: 1970-01-01 was a Thursday."""
    return (day + 3) % 7


def monday(day):
    return day - weekday(day)


def week(day):
    """The week of ISO 8601, as `2026-W47`: that of the year in which its Thursday lies."""
    thursday = monday(day) + 3
    of_year = year(thursday)
    return "%04d-W%02d" % (of_year, (thursday - number(of_year, 1, 1)) // 7 + 1)
