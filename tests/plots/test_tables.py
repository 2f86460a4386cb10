import json

import numpy as np
import pytest

from keras_gan_zoo import registry
from keras_gan_zoo.metrics import extractors, specs
from keras_gan_zoo.plots import tables


def figures(**values):
    return {
        "values": values,
        "floor": {"fid": 1.5, "kid": 0.001, "kid_error": None, "precision": None, "ms_ssim": 0.2},
        "samples": {"real": 5000, "fake": 5000, "floor": 2500},
        "extractor": {"name": "net", "sha256": "0123456789abcdef"},
    }


def test_names_that_are_known_before_keras():
    assert tuple(specs.SPECS) == registry.METRICS
    assert (*extractors.BUNDLED, extractors.INCEPTION) == registry.EXTRACTORS


def test_every_metric_of_the_library_has_a_best():
    for kind in specs.SPECS.values():
        for name in kind.values:
            assert (tables.best(name, [1.0], 0.5) is None) == name.endswith("_error")


@pytest.mark.parametrize(
    ("name", "values", "floor", "expected"),
    [
        ("fid", [3.0, 2.0, 4.0], None, 1),
        ("fid", [np.nan, None, 4.0], 1.0, 2),
        ("kid", [0.1, -0.1], None, 1),
        ("recall", [0.1, 0.3, 0.2], 0.9, 1),
        ("ms_ssim", [0.1, 0.3, 0.9], 0.25, 1),
        ("ms_ssim", [0.1, 0.3, 0.9], None, None),
        ("coverage", [np.nan], None, None),
        ("sharpness", [1.0], 1.0, None),
    ],
)
def test_best(name, values, floor, expected):
    assert tables.best(name, values, floor) == expected


def test_table_of_one():
    one = figures(fid=12.3456, kid=0.0123456, kid_error=0.00123, precision=np.nan)
    assert tables.table({"value": one}).splitlines() == [
        "           value               floor",
        "fid        12.35               1.5",
        "kid        0.01235 +/- 0.0012  0.001",
        "precision  -                   -",
    ]


def test_table_of_three_marks_the_best():
    found = {
        "a": figures(fid=3.0, precision=0.0, ms_ssim=0.1),
        "b": figures(fid=2.0, precision=0.0, ms_ssim=0.25),
        "c": figures(fid=2.0, precision=0.0, ms_ssim=0.9),
    }
    assert tables.table(found).splitlines() == [
        "           a    b       c    floor",
        "fid        3    2 *     2 *  1.5",
        "precision  0    0       0    -",
        "ms_ssim    0.1  0.25 *  0.9  0.2",
    ]


def test_header():
    assert tables.header(figures(), "digits (test)") == (
        "5,000 generated and 5,000 real images of digits (test), floor from 2,500; "
        "extractor net:01234567"
    )
    assert "extractor" not in tables.header(figures() | {"extractor": None}, "digits")


def test_json_has_null_for_nan(tmp_path):
    path = tmp_path / "a.json"
    tables.write_json({"a": [np.nan, 1.0], "b": {"c": float("inf")}, "d": "ß"}, path)
    assert json.loads(path.read_text()) == {"a": [None, 1.0], "b": {"c": None}, "d": "ß"}
    assert [file.name for file in tmp_path.iterdir()] == ["a.json"]
