"""What users get wrong raises the same exception class in TensorFlow and here."""

import pytest
from bad_inputs import BAD
from parity.harness import both_raise


# A half-made session of TensorFlow's complains when it is thrown away.
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("name", BAD)
def test_same_class(name):
    both_raise(BAD[name].snippet, BAD[name].kind)
