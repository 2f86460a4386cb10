"""Presets as folders: their names, their cards, and the check of their files. Needs no Keras."""

import dataclasses
import difflib
import hashlib
import json
import os
from pathlib import Path
from typing import Any

from keras_gan_zoo.utils.files import printable

FOLDER = Path(__file__).parent
CONFIG, WEIGHTS, GRID = "config.json", "model.weights.h5", "grid.png"
CARD, PAGE = "card.json", "card.md"
MAX_BYTES = 2 * 2**20  # of a preset of the package


@dataclasses.dataclass(frozen=True)
class Preset:
    """A preset whose files are complete.

    Args:
        folder: folder of the preset.
        class_name: class of its model.
        config: arguments of the class's constructor.
        card: contents of `card.json`.
    """

    folder: Path
    class_name: str
    config: dict[str, Any]
    card: dict[str, Any]

    @property
    def weights(self) -> Path:
        """The file of the weights."""
        return self.folder / WEIGHTS


def names() -> list[str]:
    """Return the names of the presets of the package."""
    return sorted(path.parent.name for path in FOLDER.glob(f"*/{CARD}"))


def find(preset: str | os.PathLike) -> Path | None:
    """Return the folder of a preset, by its name or by the folder itself, or None."""
    if isinstance(preset, str | os.PathLike):
        if os.fspath(preset) in names():
            return FOLDER / preset
        if (Path(preset) / CARD).is_file():
            return Path(preset)
    return None


def read_card(folder: Path) -> dict[str, Any]:
    """Return the contents of `card.json`.

    Raises:
        OSError: The file is missing or damaged.
    """
    card = _read_object(folder, CARD, {"class_name": str, "summary": str, "files": dict})
    if card.get("sha256", digest := digest_of(card)) != digest:
        raise OSError(_damaged(folder, f"{CARD} differs from its checksum"))
    return card


def read(preset: str | os.PathLike) -> Preset:
    """Read a preset and compare its files with the SHA-256 of the card.

    Args:
        preset: a name of `names()`, or the folder of a preset.

    Raises:
        ValueError: There is no such preset; the message lists the known ones.
        OSError: A file is missing or damaged.
    """
    folder = find(preset)
    if folder is None:
        raise ValueError(
            "Argument `preset` must be the name of a preset, or a folder that `save_to_preset` wrote. "
            f"Received: preset={preset!r}. {hint(preset)}"
        )
    card = read_card(folder)
    for name in dict.fromkeys((CONFIG, WEIGHTS, *card["files"])):
        _check_file(folder, name, card["files"].get(name))
    config = _read_object(folder, CONFIG, {"class_name": str, "config": dict})
    return Preset(folder, config["class_name"], config["config"], card)


def hint(preset: Any) -> str:
    """Return sentences that list the presets of the package and suggest the one meant."""
    known = names()
    if not known:
        return "This version of the package has no presets."
    similar = difflib.get_close_matches(str(preset).lower(), known, 1)
    suggestion = f" Did you mean {similar[0]!r}?" if similar else ""
    return f"Presets of the package: {', '.join(known)}.{suggestion}"


def unknown_class(preset: Preset) -> str:
    """Return the error text for a preset whose class the package does not have."""
    return (
        f"The preset {printable(preset.folder)} holds a {preset.class_name}, which is not of this "
        f"package. Call `from_preset` of that class, or install a version of keras-gan-zoo that has it."
    )


def digest_of(card: dict[str, Any]) -> str:
    """Return the SHA-256 of a card's contents, without their `"sha256"`."""
    content = {key: value for key, value in card.items() if key != "sha256"}
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def entry(path: Path) -> dict[str, Any]:
    """Return the entry of a file in the card: its SHA-256 and its size in bytes."""
    content = path.read_bytes()
    return {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content)}


def _check_file(folder, name, expected):
    path = folder / Path(name).name
    if not isinstance(expected, dict) or not path.is_file():
        raise OSError(_damaged(folder, f"{name} is missing"))
    digest = entry(path)["sha256"]
    if digest != expected.get("sha256"):
        reason = f"the sha256 of {name} is {digest}, not {expected.get('sha256')}"
        raise OSError(_damaged(folder, reason))


def _read_object(folder, name, types) -> dict[str, Any]:
    """Return the JSON object of a file, which must have keys of the given types."""
    try:
        content = json.loads((folder / name).read_text(encoding="utf-8"))
        complete = all(isinstance(content[key], kind) for key, kind in types.items())
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise OSError(_damaged(folder, f"{name} cannot be read")) from error
    if not complete:
        raise OSError(_damaged(folder, f"{name} cannot be read"))
    return content


def _damaged(folder, reason):
    remedy = "Install keras-gan-zoo again" if folder.parent == FOLDER else "Write or copy it again"
    return f"The preset {printable(folder)} is damaged: {reason}. {remedy}."
