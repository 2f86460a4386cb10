"""The command line, called in this process."""

import numpy as np
import pytest
from cli_tools import refused
from PIL import Image

from keras_gan_zoo import registry
from keras_gan_zoo.cli.main import main


def test_list_names_every_model_with_its_paper(capsys):
    assert main(["list"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == [*registry.MODELS, *registry.STYLE_MODELS]
    assert all("arXiv" in line for line in lines)


def test_generate_writes_a_grid_that_a_seed_repeats(trained, tmp_path, capsys):
    model = trained / "model.keras"
    for name in ("one.png", "two.png"):
        path = tmp_path / "new" / name
        assert main(["generate", str(model), "--n", "6", "--seed", "3", "--out", str(path)]) == 0
        assert capsys.readouterr().out.strip() == str(path)
    one, two = (np.asarray(Image.open(tmp_path / "new" / name)) for name in ("one.png", "two.png"))
    assert one.shape == (2 * 18 + 2, 3 * 18 + 2)
    np.testing.assert_array_equal(one, two)


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        ((), "COMMAND"),
        (
            ("train", "Gann", "--out", "x"),
            "Pix2Pix, DiscoGAN, CycleGAN. Received: Gann",
        ),
        (("train", "GAN"), "--out"),
        (("train", "GAN", "--out", "x", "--epochs", "0"), "positive integer. Received: 0"),
        (("train", "GAN", "--out", "x", "--image-size", "8x"), "positive integer"),
        (("train", "GAN", "--out", "x", "--backend", "theano"), "theano"),
        (("generate", "nothing.keras"), "there is no model at nothing.keras"),
        (("generate", "nothing.keras", "--out", "grid.txt"), "--out must end in .png"),
    ],
)
def test_wrong_arguments_are_one_line(argv, message, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert message in refused(capsys, *argv)
    assert not (tmp_path / "x").exists()


def test_a_truncated_model_is_called_damaged(trained, capsys, tmp_path):
    broken = tmp_path / "broken.keras"
    broken.write_bytes((trained / "model.keras").read_bytes()[:-500])
    assert f"{broken} is damaged" in refused(capsys, "generate", broken, "--out", tmp_path / "g.png")
<<<<<<< HEAD
=======


def test_settings_reach_the_model(tmp_path):
    assert train(tmp_path, "--epochs", "1", "--set", "dropout=0.25", "latent_dim=7") == 0
    model = keras.models.load_model(tmp_path / "model.keras")
    assert (model.dropout, model.latent_dim) == (0.25, 7)


def test_training_is_smoothed_and_watched(tmp_path, capsys, monkeypatch):
    knobs = {}
    monkeypatch.setattr(kgz.GAN, "set_knob", lambda model, name, value: knobs.update({name: value}))
    argv = ["train", "GAN", "--samples", "64", "--batch-size", "32", "--epochs", "1"]
    argv += ["--label-smoothing", "0.8", "--instance-noise", "0.2"]
    assert main([*argv, "--out", str(tmp_path)]) == 0
    assert (knobs["real_label"], knobs["instance_noise"]) == (0.8, 0.2)
    assert "val_diversity" in (tmp_path / "log.csv").read_text().splitlines()[0]


def test_warnings_of_a_training_are_one_line(tmp_path, capsys, monkeypatch):
    def fit(model, *arguments, **named):
        warnings.warn("the samples are alike", kgz.callbacks.TrainingWarning, stacklevel=1)

    monkeypatch.setattr(kgz.GAN, "fit", fit)
    with warnings.catch_warnings():
        warnings.simplefilter("always")
        assert train(tmp_path, "--epochs", "1") == 0
    assert "keras-gan-zoo: warning: the samples are alike\n" in capsys.readouterr().err


# classes ------------------------------------------------------------------------------------------


def train_classes(folder, model, *more):
    argv = ["train", model, *TINY, "--samples", "60", "--batch-size", "30", "--epochs", "1"]
    return [*argv, "--out", str(folder), "--set", "width=4", *more]


def test_a_conditional_model_gets_the_labels_and_classes_of_the_data(tmp_path, capsys):
    argv = train_classes(tmp_path, "ConditionalGAN", "conditioning=auxiliary")
    assert main(argv) == 0
    model = keras.models.load_model(tmp_path / "model.keras")
    assert model.num_classes == 10 and model.steps == 2
    assert main([*argv[: argv.index("--set")], "--epochs", "2", "--resume"]) == 0
    pictures = {}
    for name, more in {"all": [], "2": ["--label", "2"], "3": ["--label", "3"]}.items():
        out = tmp_path / f"{name}.png"
        generate = ["generate", str(tmp_path / "model.keras"), "--n", "20", "--seed", "0", *more]
        assert main([*generate, "--out", str(out)]) == 0
        pictures[name] = np.asarray(Image.open(out))
    assert pictures["all"].shape == (10 * 18 + 2, 2 * 18 + 2)  # a row for each class
    assert pictures["2"].shape == (4 * 18 + 2, 5 * 18 + 2)
    assert (pictures["2"] != pictures["3"]).any()
    error = refused(capsys, "generate", tmp_path / "model.keras", "--label", "10", "--out", out)
    assert "Labels must be integers in 0..9" in error


def test_a_model_that_may_have_classes_has_them_if_it_is_told(tmp_path):
    assert main(train_classes(tmp_path, "R3GAN", "num_classes=12")) == 0
    assert keras.models.load_model(tmp_path / "model.keras").num_classes == 12


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (["num_classes=3"], "digits has 10 classes, the model 3; pass --set num_classes=10"),
        (["attributes=3"], "the command line trains on classes; a model with attributes needs"),
        (["conditioning=both"], "`conditioning` must be one of 'concat', 'projection', 'auxiliary'"),
    ],
)
def test_classes_that_do_not_fit_the_data(more, message, tmp_path, capsys):
    assert message in refused(capsys, *train_classes(tmp_path, "ConditionalGAN", *more))


def test_data_without_labels(tmp_path, capsys, trained):
    path = tmp_path / "images.npz"
    np.savez(path, x_train=np.zeros((60, 8, 8), "uint8"))
    argv = train_classes(tmp_path / "run", "ConditionalGAN")
    assert f"ConditionalGAN needs labels, which {path} has not" in refused(
        capsys, *argv, "--data", path
    )
    error = refused(capsys, "generate", trained / "model.keras", "--label", "1", "--out", "x.png")
    assert "`labels` must be None: GAN is not conditional" in error


# evaluate and compare -----------------------------------------------------------------------------

REAL = ["--data", "digits", "--image-size", "8", "--samples", "40"]


@pytest.fixture(scope="module")
def extractor(tmp_path_factory):
    """A file with a network from images to 16 features."""
    path = tmp_path_factory.mktemp("extractor") / "means.keras"
    layers = [keras.Input((8, 8, 1)), keras.layers.AveragePooling2D(2), keras.layers.Flatten()]
    keras.Sequential(layers).save(path)
    return path


@pytest.fixture
def measure(extractor, tmp_path, monkeypatch):
    """The arguments of a quick measurement; features are kept in a folder of the test's own."""
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    return [*REAL, "--extractor", str(extractor)]


def refused_late(capsys, *argv):
    """What the command line says last, where it has told what it was doing."""
    capsys.readouterr()
    assert main([str(part) for part in argv]) == 2
    out, err = capsys.readouterr()
    *progress, last = err.splitlines()
    assert out == "" and all(line.endswith(" ...") for line in progress)
    assert last.startswith("keras-gan-zoo: error: ")
    return last


def test_evaluate_prints_a_table_and_writes_json(trained, measure, tmp_path, capsys):
    path = tmp_path / "new" / "figures.json"
    assert main(["evaluate", str(trained / "model.keras"), *measure, "--json", str(path)]) == 0
    out, err = capsys.readouterr()
    found = json.loads(path.read_text())
    digest = found["extractor"]["sha256"]
    lines = out.splitlines()
    assert lines[0] == (
        f"40 generated and 40 real images of digits (train); extractor means:{digest[:8]}"
    )
    rows = {line.split()[0]: re.split("  +", line.strip())[1:] for line in lines[2:9] if line}
    assert rows.pop("value") == ["floor"]
    assert list(rows) == ["frechet_means", "kernel_means", "precision", "recall", "density", "coverage"]
    for name, cells in rows.items():
        for text, figures in zip(cells, (found["values"], found["floor"]), strict=True):
            number, _, error = text.partition(" +/- ")
            assert number == f"{figures[name]:.4g}"
            assert error == (f"{figures[f'{name}_error']:.2g}" if name.startswith("kernel") else "")
    assert found["values"]["frechet_means"] > found["floor"]["frechet_means"] > 0
    assert found["values"]["kernel_means_error"] > 0
    assert found["samples"] == {"real": 40, "fake": 40, "floor": 40}
    about = {"class": "GAN", "steps": 4, "data": "digits", "split": "train", "seed": 0}
    assert about.items() <= found.items()
    assert f"Generating and measuring 40 images of {trained / 'model.keras'} ..." in err.splitlines()
    assert lines[-1] == f"Written: {path}"


def test_evaluate_measures_what_the_library_measures(trained, measure, extractor, tmp_path):
    import keras_gan_zoo as kgz

    path = tmp_path / "a.json"
    chosen = ["--metrics", "kernel, frechet", "--seed", "3", "--split", "test", "--json", str(path)]
    for _ in range(2):  # the second time with kept features
        assert main(["evaluate", str(trained / "model.keras"), *measure, *chosen]) == 0
        found = json.loads(path.read_text())
        real = kgz.data.load("digits", 8, batch_size=1, samples=80, split="test").images
        network = keras.models.load_model(extractor, compile=False)
        network = kgz.metrics.Extractor(network, "means")
        reference = kgz.metrics.Reference(real, "frechet,kernel", 40, network, seed=3)
        fakes = keras.models.load_model(trained / "model.keras").generate(40, seed=3)
        expected = reference.measure(fakes)
        for name in ("frechet_means", "kernel_means"):
            assert found["values"][name] == pytest.approx(expected[name], rel=1e-5)
            assert found["floor"][name] == pytest.approx(reference.floor[name], rel=1e-5)


def test_evaluate_writes_beside_the_model(trained, measure, tmp_path, capsys):
    model = tmp_path / "model.keras"
    model.write_bytes((trained / "model.keras").read_bytes())
    assert main(["evaluate", str(model), *measure, "--metrics", "prdc"]) == 0
    assert set(json.loads((tmp_path / "evaluation.json").read_text())["values"]) == {
        "precision",
        "recall",
        "density",
        "coverage",
    }


def test_fewer_images_than_usual_are_all_taken(trained, measure, tmp_path, capsys):
    path = tmp_path / "real.npz"
    np.savez(path, x_train=np.random.default_rng(0).integers(0, 256, (50, 8, 8), "uint8"))
    sizes = ["--data", str(path), "--extractor", measure[-1], "--json", str(tmp_path / "a.json")]
    assert main(["evaluate", str(trained / "model.keras"), *sizes]) == 0
    assert json.loads((tmp_path / "a.json").read_text())["samples"] == {
        "real": 50,
        "fake": 50,
        "floor": 25,
    }
    assert "floor from 25" in capsys.readouterr().out


def test_compare_has_a_column_for_each_model(trained, measure, tmp_path, capsys):
    other = tmp_path / "other" / "model.keras"
    assert train(other.parent, "--epochs", "1", "--set", "latent_dim=3") == 0
    capsys.readouterr()
    paths = [str(trained / "model.keras"), str(other)]
    assert main(["compare", *paths, *measure, "--json", str(tmp_path / "a.json")]) == 0
    lines = capsys.readouterr().out.splitlines()
    found = json.loads((tmp_path / "a.json").read_text())["models"]
    assert [model["model"] for model in found] == paths
    assert found[0]["floor"] == found[1]["floor"]
    assert lines[2].split() == ["run/model.keras", "other/model.keras", "floor"]
    (row,) = (line for line in lines if line.startswith("frechet_means"))
    one, two = (model["values"]["frechet_means"] for model in found)
    cells = [f"{value:.4g}" + (" *" if value == min(one, two) else "") for value in (one, two)]
    assert row.split() == [
        "frechet_means",
        *" ".join(cells).split(),
        f"{found[0]['floor']['frechet_means']:.4g}",
    ]
    assert "*: the best" in lines[-3]
    assert not (other.parent / "evaluation.json").exists()


@pytest.mark.parametrize(
    ("argv", "message"),
    [
        (("evaluate", "a.keras"), "--data"),
        (("evaluate", "a.keras", "--data", "digits"), "there is no model at a.keras"),
        (
            ("evaluate", "a.keras", *REAL, "--metrics", "frechet,kerne"),
            "prdc, inception_score, ms_ssim",
        ),
        (("evaluate", "a.keras", *REAL, "--metrics", "prdc,fid"), "Use 'frechet', logged as"),
        (("compare", "a.keras", "b.keras", *REAL, "--metrics", "kid"), "Use 'kernel', logged as"),
        (("evaluate", "a.keras", *REAL, "--metrics", ""), "with commas between. Received: "),
        (("evaluate", "a.keras", *REAL, "--samples", "0"), "positive integer. Received: 0"),
        (("evaluate", "a.keras", *REAL, "--extractor", "vgg"), "grey28, rgb64, inception_v3 or a"),
        (("compare", "a.keras", *REAL), "compare needs two models or more"),
        (("compare", "a.keras", "x/../a.keras", *REAL), "compare got a model twice"),
        (("compare", "a.keras", "b.keras", *REAL), "there is no model at a.keras"),
    ],
)
def test_wrong_measurements_are_one_line(argv, message, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert message in refused(capsys, *argv)


def test_measurements_need_a_place_for_the_json(trained, measure, tmp_path, capsys):
    (tmp_path / "file").touch()
    argv = ["evaluate", trained / "model.keras", *measure, "--json"]
    assert "--json must be a file" in refused(capsys, *argv, tmp_path)
    message = "`--json` must be a folder that can be written to"
    assert message in refused(capsys, *argv, tmp_path / "file" / "a.json")


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (("--data", "nowhere"), 'one of "digits", "mnist"'),
        (("--split", "valid"), "valid"),
        (("--image-size", "12"), "the data has (12, 12, 1). Pass --image-size 8 --channels 1"),
        (("--channels", "3"), "the data has (8, 8, 3). Pass --image-size 8 --channels 1"),
        (("--samples", "16"), "more samples than feature dimensions"),
        (("--metrics", "inception_score"), "logits"),
        (("--extractor", "grey28"), "Images must fit the extractor 'grey28'"),
    ],
)
def test_what_a_measurement_refuses_is_one_line(more, message, trained, measure, capsys):
    argv = ["evaluate", trained / "model.keras", *measure, *more]
    assert message in refused_late(capsys, *argv)
    assert not (trained / "evaluation.json").exists()


def test_a_broken_model_is_named(trained, measure, tmp_path, capsys):
    model = keras.models.load_model(trained / "model.keras")
    model.generator.set_weights([weight * np.nan for weight in model.generator.get_weights()])
    model.ema_generator.set_weights(model.generator.get_weights())
    broken = tmp_path / "broken.keras"
    model.save(broken)
    said = refused_late(capsys, "compare", trained / "model.keras", broken, *measure)
    assert f"{broken}: Argument" in said and "must be finite" in said


def test_a_model_of_another_kind_is_refused(extractor, measure, capsys):
    assert "which is not of this library" in refused(capsys, "evaluate", extractor, *measure)


def test_remedies_are_compiled_in(tmp_path):
    more = ["--penalties", "r1=5", "gradient_penalty", "--augment", "ada", "--epochs", "1"]
    assert train(tmp_path / "run", "--recipe", "small_data", *more) == 0
    model = keras.models.load_model(tmp_path / "run" / "model.keras")
    assert [(p.name, p.weight) for p in model.plan.penalties] == [
        ("r1_penalty", 5.0),
        ("gradient_penalty", 10.0),
    ]
    assert model.plan.augmentation.adaptive and model.plan.ema == 0.999
    with open(tmp_path / "run" / "log.csv") as file:
        (row,) = csv.DictReader(file)
    assert {"r1_penalty", "gradient_penalty", "augment_probability"} <= row.keys()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ("r3", "--penalties takes gradient_penalty, dragan, r1, r2, path_length or none. Received: r3"),
        ("r1=lots", "--penalties NAME=WEIGHT needs a weight of 0 or more: could not convert"),
        ("r1=-1", "--penalties NAME=WEIGHT needs a weight of 0 or more: Argument"),
    ],
)
def test_wrong_penalties(given, said, tmp_path, capsys):
    error = refused(capsys, "train", "GAN", *TINY, "--out", tmp_path / "run", "--penalties", given)
    assert said in error


def test_no_penalties_of_a_model_that_has_some(tmp_path):
    command = ["train", "WGANGP", *TINY, "--out", str(tmp_path), "--epochs", "1", "--set", "width=4"]
    assert main([*command, "--penalties", "none", "--d-steps", "1"]) == 0
    assert keras.models.load_model(tmp_path / "model.keras").plan.penalties == ()
>>>>>>> wt-metrics
