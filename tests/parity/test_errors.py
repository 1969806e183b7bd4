"""What users get wrong raises the same exception class in TensorFlow and here."""

import pytest
from bad_inputs import BAD
from parity.harness import both_raise

# TensorFlow raises the same here, but its half-made session complains again when it is thrown away.
UNTRIED = {"session_of_something_else"}


@pytest.mark.parametrize("name", sorted(BAD.keys() - UNTRIED))
def test_same_class(name):
    both_raise(BAD[name].snippet, BAD[name].kind)
