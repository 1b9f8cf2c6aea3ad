"""How a state looks: one kind (which gives the colour), one icon and one word each, so that colour is never alone."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["LOOKS", "Look", "look_of"]


@dataclass(frozen=True, slots=True)
class Look:
    """`kind` is one of neutral, info, success, warning, danger; `icon` a lucide name; `text` what is read."""

    kind: str
    icon: str
    text: str


LOOKS: dict[str, Look] = {
    "kept": Look("success", "circle-check", "Kept"),
    "broken": Look("danger", "circle-x", "Broken"),
    "unproven": Look("warning", "circle-dashed", "Unproven"),
    "not applicable": Look("neutral", "circle-minus", "Not applicable"),
    "active": Look("success", "circle-check", "Active"),
    "invited": Look("info", "mail", "Invited"),
    "left": Look("neutral", "circle-minus", "Left"),
    "revoked": Look("danger", "ban", "Revoked"),
    "expired": Look("warning", "clock", "Expired"),
    "open": Look("neutral", "eye", "Open"),
    "confidential": Look("info", "lock", "Confidential"),
    "personal": Look("warning", "circle-user", "Personal"),
    "sensitive": Look("danger", "shield-check", "Sensitive"),
    "ended": Look("neutral", "circle-minus", "Ended"),
    "lapsed": Look("neutral", "clock", "Lapsed"),
    "waiting": Look("neutral", "clock", "Waiting"),
    "running": Look("info", "refresh-cw", "Running"),
    "done": Look("success", "circle-check", "Done"),
    "failed": Look("danger", "circle-x", "Failed"),
    "failing": Look("danger", "triangle-alert", "Failing"),
    "paused": Look("warning", "pause", "Paused"),
    "refused": Look("danger", "ban", "Refused"),
    "cancelled": Look("neutral", "circle-minus", "Cancelled"),
    "deleted": Look("danger", "trash-2", "Deleted"),
    "security": Look("warning", "shield-check", "Security"),
    "sealed": Look("success", "lock", "Sealed"),
    "unsealed": Look("neutral", "clock", "Not sealed yet"),
    "verified": Look("success", "shield-check", "Verified"),
    "up": Look("success", "circle-check", "Up"),
    "down": Look("danger", "circle-x", "Down"),
}


def look_of(state: object) -> Look:
    """The look of a state's value; a state nobody gave a look is shown by its own word."""
    word = str(state)
    plain = word.replace("_", " ").replace("-", " ").capitalize()
    return LOOKS.get(word.lower()) or Look("neutral", "circle-dashed", plain)
