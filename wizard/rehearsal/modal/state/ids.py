"""Identifiers and unsigned tokens, in the shapes that the Modal SDK and command line parse."""

from __future__ import annotations

import base64
import json
import secrets
import string
import time
from typing import Any

_ALPHANUMERIC = string.ascii_letters + string.digits
_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_ULID_PREFIXES = frozenset({"ta", "fc", "in"})


def new_id(prefix: str) -> str:
    """A fresh id: ``ap-`` and most others are 22 alphanumerics; containers, calls and inputs are ULIDs.

    Source: modal 1.6.4, cli/app.py (``^ap-[a-zA-Z0-9]{22}$``) and _traceback.py (``<ta-[0-9A-Z]{26}>:``).
    """
    if prefix in _ULID_PREFIXES:
        number = (int(time.time() * 1000) << 80) | secrets.randbits(80)
        return f"{prefix}-" + "".join(_CROCKFORD[number >> 5 * place & 31] for place in reversed(range(26)))
    return f"{prefix}-" + "".join(secrets.choice(_ALPHANUMERIC) for _ in range(22))


def _encode(data: dict[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(data, separators=(",", ":")).encode()).rstrip(b"=").decode()


_JWT_HEADER = _encode({"alg": "none", "typ": "JWT"})


def unsigned_jwt(**claims: Any) -> str:
    """A token with readable claims and no signature.

    The SDK reads `exp` of its session token and `idx` of an input's (modal 1.6.4, _utils/jwt_utils.py).
    """
    return f"{_JWT_HEADER}.{_encode(claims)}."


def jwt_claims(token: str) -> dict[str, Any]:
    """The claims of an `unsigned_jwt`. Raises ValueError for anything else."""
    parts = token.split(".")
    if len(parts) != 3:
        raise ValueError("not a JWT")
    claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=="))
    if not isinstance(claims, dict):
        raise ValueError("a JWT's claims are an object")
    return claims
