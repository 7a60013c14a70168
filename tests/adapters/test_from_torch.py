"""from_torch where there is no PyTorch: what is asked for first, and how to get it."""
import sys

import pytest

import backprop_sym as bp


class Model:
    """What looks like a module."""

    training = False

    def named_modules(self):
        return [("", self)]

    forward = named_modules


def test_where_there_is_no_torch_it_says_how_to_get_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)                 # as if it were not installed
    with pytest.raises(ImportError, match=r'from_torch needs torch: pip install "backprop_sym\[torch\]"'):
        bp.from_torch(Model(), "MSELoss")


@pytest.mark.parametrize(("model", "loss", "words"), [
    (None, "MSELoss", "model: expected a torch.nn.Module, such as nn.Sequential"),
    (Model, "MSELoss", "model: expected"),
    (Model(), None, "loss: expected a loss of torch.nn, such as nn.MSELoss"),
])
def test_what_is_no_module_is_refused_first(model, loss, words):
    with pytest.raises(TypeError, match=words):
        bp.from_torch(model, loss)
