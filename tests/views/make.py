"""Small exports for tests: ids by a letter, days as text, fields as plain values."""

import calendar as days


def eid(name):
    """64 digits out of a short name."""
    text = name.encode().hex()
    return text + "0" * (64 - len(text))


def ms(when):
    """Milliseconds of a day at noon, or as given."""
    return days.start(days.read(when)) + days.DAY // 2 if isinstance(when, str) else when


def block(when):
    """A block fact at the beginning of a day."""
    return {"chain": 1, "height": 1, "hash": eid("block"), "time": days.start(days.read(when)) // 1000}


def act(name, kind, by, when, /, **fields):
    """An act that counts; `effect`, `record`, `body`, `not_before` and so on may be given too."""
    out = {
        "id": eid(name),
        "kind": kind,
        "by": {"identity": eid(by), "name": by},
        "time": ms(when),
        "not_before": None,
        "not_after": None,
        "effect": "effective",
        "cause": None,
        "body": "here",
        "record": True,
        "reply_to": None,
        "text": None,
    }
    out.update(fields)
    return out


def doc(name, kind, by, when, acts=(), /, lists=None, state=None, owners=None, **fields):
    """A document; lists: { name: [item] }, the root wrote all."""
    root, author = eid(name), eid(by)
    content = {
        field: {"values": [{"value": value, "by": author, "entry": root}]} for field, value in fields.items()
    }
    for field, items in (lists or {}).items():
        content[field] = {
            "items": [
                {"entry": root, "n": n, "values": [{"value": item, "by": author, "entry": root}]}
                for n, item in enumerate(items)
            ]
        }
    return {
        "id": root,
        "kind": kind,
        "title": fields.get("title") or fields.get("name"),
        "owners": owners or [{"identity": author}],
        "content": content,
        "state": state or {},
        "incomplete": False,
        "acts": list(acts),
        "committee": eid("committee"),
        "record": True,
        "by": {"identity": author, "name": by},
        "time": ms(when),
        "body": "here",
    }


def tenure(grant, role, holder, since, until=None, scope=None):
    return {
        "grant": eid(grant),
        "role": role,
        "holder": eid(holder),
        "scope": scope and eid(scope),
        "from": ms(since),
        "until": until and ms(until),
        "ended_by": None,
    }


def person(name, addresses=(), founder=False, first=None):
    return {
        "identity": eid(name),
        "name": name,
        "addresses": list(addresses),
        "first": first and ms(first),
        "known_by": None,
        "vouched_by": [],
        "founder": founder,
    }


def export(today, *documents, tenures=(), people=(), parameters=None, committee=None):
    """An export at noon of a day; ada founded the committee."""
    return {
        "now": ms(today),
        "parameters": parameters or {},
        "tenures": list(tenures),
        "people": list(people),
        "committee": committee or doc("committee", "committee", "ada", "2026-01-01", name="The committee"),
        "documents": list(documents),
    }
