"""What the tests of the command line share."""

from keras_gan_zoo.cli.main import main


def refused(capsys, *argv):
    """What the command line says to wrong arguments: one line, status 2."""
    capsys.readouterr()
    assert main([str(part) for part in argv]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("keras-gan-zoo: error: ") and err.count("\n") == 1
    return err
