"""Options of the command line in place of the library's argument names, in messages."""

import argparse
import re

# Arguments whose option has another name.
_ALIASES = {
    "source": "--data",
    "inputs": "--data",
    "a": "--data",
    "targets": "--to",
    "b": "--to",
    "real": "--label-smoothing",
    "amplitude": "--instance-noise",
    "labels": "--label",
    "path": "--out",
    "format": "--to",
    "filepath": "--out",
}
_OTHER_NAMES = {
    "preset": "--from",
    "content": "CONTENT",
    "style": "STYLE",
    "in_dir": "IN_DIR",
    "out_dir": "OUT_DIR",
    "pictures": "PICTURE",
    "folder": "RUN",
}
_INTERNAL = ("run", "model", "models", "model_arguments")
# A call of a loader, such as `keras_gan_zoo.data.load(..., image_size=(8, 8))`.
_LOADER = r"`keras_gan_zoo\.data\.\w+\(([^`]*)\)`"
_VALUE = r"""'[^']*'|"[^"]*"|\([^)]*\)|\[[^\]]*\]|\S+?(?=[.,;:)`]*(?:\s|$))"""


def of(arguments: argparse.Namespace) -> dict[str, str]:
    """Return the options of a command by the names of the arguments that they set in the library.

    Args:
        arguments: parsed arguments. `model_arguments`, if present, are the names that `--set` takes.
    """
    dests = [name for name in vars(arguments) if name not in _INTERNAL]
    names = {name: _OTHER_NAMES.get(name, f"--{name.replace('_', '-')}") for name in dests}
    known = set(names.values())
    aliases = {name: option for name, option in _ALIASES.items() if option in known}
    settings = {name: f"--set {name}" for name in getattr(arguments, "model_arguments", ())}
    return settings | aliases | names


def translate(message: str, names: dict[str, str]) -> str:
    """Return a message of the library in terms of the command line.

    ``Argument `batch_size` must ... Received: batch_size=65`` becomes `--batch-size must ... Received:
    --batch-size 65`.

    Args:
        message: text of an error or of a warning.
        names: options by argument, see `of`.
    """
    if not names:
        return message
    any_name = "|".join(map(re.escape, sorted(names, key=len, reverse=True)))
    message = re.sub(rf"(?:Argument )?`({any_name})`", lambda match: names[match[1]], message)
    message = re.sub(r"(?:Argument )?`(--[\w-]+|IN_DIR|OUT_DIR)`", r"\1", message)
    assignment = re.compile(rf"(?<![\w.-])({any_name})=({_VALUE})")

    def of_loader(match):
        options = [_option(names, *groups) for groups in assignment.findall(match[1])]
        return " ".join(options) or match[0]

    message = re.sub(_LOADER, of_loader, message)
    message = assignment.sub(lambda match: _option(names, *match.groups()), message)
    message = re.sub(r"(--image-size \d+ or )\((\d+), (\d+)\)", r"\1\2x\3", message)
    if "--instance-noise" in names.values():
        message = re.sub(r"\bInstanceNoise\(([\d.]+)\)", r"--instance-noise \1", message)
    return re.sub(r"(--[\w-]+(?: \w+)?) must be None\b", r"\1 must be left out", message)


def _option(names, name, value):
    option = names[name]
    if option.startswith("--set "):
        return f"{name}={value}"
    if value in ("None", "False"):
        return f"no {option}"
    if value == "True":
        return option
    if value.startswith("("):
        value = "x".join(value.strip("()").replace(",", " ").split())
    return f"{option} {value.strip(chr(39) + chr(34))}"
