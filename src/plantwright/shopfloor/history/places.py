"""Places of histories as they may be shown."""

from __future__ import annotations

import re
from pathlib import Path


def without_password(place: str | Path) -> str:
    """A place without the password that its URL may hold."""
    shown = re.sub(r"(://[^:/@?#]*):[^@/?#]*@", r"\1:***@", str(place))
    return re.sub(r"(?i)([?&](?:password|sslpassword)=)[^&#]*", r"\1***", shown)
