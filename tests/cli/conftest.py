import pytest
from cli_tools import train


@pytest.fixture(scope="session")
def trained(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cli") / "run"
    assert train(folder, "--epochs", "2", "--ema", "0.9") == 0
    return folder
