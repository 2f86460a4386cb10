import json

import numpy as np
import pytest
from metrics_tools import network

from keras_gan_zoo import metrics, registry
from keras_gan_zoo.metrics import extractors, specs
from keras_gan_zoo.plots import tables


def figures(**values):
    return {
        "values": values,
        "floor": {
            "frechet_net": 1.5,
            "kernel_net": 0.001,
            "kernel_net_error": None,
            "precision": None,
            "ms_ssim": 0.2,
        },
        "samples": {"real": 5000, "fake": 5000, "floor": 2500},
        "extractor": {"name": "net", "sha256": "0123456789abcdef"},
    }


def test_names_that_are_known_before_keras():
    assert tuple(specs.SPECS) == registry.METRICS
    names = (*extractors.BUNDLED, extractors.INCEPTION, *extractors.PUBLISHED)
    assert names == registry.EXTRACTORS
    assert {weights for weights, _ in extractors.PUBLISHED.values()} == set(registry.NETWORKS)


def test_every_metric_of_the_library_has_a_best():
    extractor = metrics.Extractor(network())
    for spec in specs.SPECS.values():
        for name in spec.names(extractor):
            assert (tables.best(name, [1.0], 0.5) is None) == name.endswith("_error")


@pytest.mark.parametrize(
    ("name", "values", "floor", "expected"),
    [
        ("frechet_net", [3.0, 2.0, 4.0], None, 1),
        ("frechet_net", [np.nan, None, 4.0], 1.0, 2),
        ("kernel_net", [0.1, -0.1], None, 1),
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
    one = figures(frechet_net=12.3456, kernel_net=0.0123456, kernel_net_error=0.00123, precision=np.nan)
    assert tables.table({"value": one}).splitlines() == [
        "             value               floor",
        "frechet_net  12.35               1.5",
        "kernel_net   0.01235 +/- 0.0012  0.001",
        "precision    -                   -",
    ]


def test_table_of_three_marks_the_best():
    found = {
        "a": figures(frechet_net=3.0, precision=0.0, ms_ssim=0.1),
        "b": figures(frechet_net=2.0, precision=0.0, ms_ssim=0.25),
        "c": figures(frechet_net=2.0, precision=0.0, ms_ssim=0.9),
    }
    assert tables.table(found).splitlines() == [
        "             a    b       c    floor",
        "frechet_net  3    2 *     2 *  1.5",
        "precision    0    0       0    -",
        "ms_ssim      0.1  0.25 *  0.9  0.2",
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
