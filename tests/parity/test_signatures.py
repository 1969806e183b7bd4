"""Public functions take TensorFlow's arguments, in TensorFlow's order."""

import inspect

import pytest

tf = pytest.importorskip("tensorflow")

import tensorglass as tg  # noqa: E402

NAMESPACES = ["", "nn", "math", "linalg", "random", "debugging", "bitwise", "train"]
# Arguments of devices, sparse tensors and layouts that do not exist here.
ELSEWHERE = {"layout", "bad_indices_policy", "grad_a", "grad_b", "alg", "index_type", "stack_height_limit"}
ELSEWHERE |= {"path_length_limit", "config", "device_policy", "execution_mode", "beta"}
# We take more than TensorFlow does: TensorFlow 1's names at the root, and `name` where TensorFlow has none.
MORE = {
    "name",
    "_sentinel",
    "colocate_gradients_with_ops",
    "verify_shape",
    "preferred_dtype",
    "data",
    "summarize",
    "optimize",
}
# Forms that differ by design: the root's own (untyped placeholders, TensorFlow 1's classes), and open argument lists.
OTHER = {
    *(("v2", name) for name in ("hessians", "device", "tuple", "meshgrid", "debugging.assert_none_equal")),
    *(("v2", f"{namespace}.l2_normalize") for namespace in ("nn", "math", "linalg")),  # TensorFlow keeps `dim`
    *(("v1", name) for name in ("hessians", "variable_op_scope", "get_local_variable", "make_template", "meshgrid")),
    *(("v1", name) for name in ("bincount", "math.bincount", "debugging.assert_all_finite")),
    ("v1", "nn.batch_norm_with_global_normalization"),
}


def parameters(function):
    """Names in order; `*args` and the like under one name."""
    kinds = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    return [p.name for p in inspect.signature(function).parameters.values() if p.kind not in kinds]


def functions():
    for version, ours, theirs in (("v2", tg, tf), ("v1", tg.compat.v1, tf.compat.v1)):
        for namespace in NAMESPACES:
            a = getattr(ours, namespace) if namespace else ours
            b = getattr(theirs, namespace, None) if namespace else theirs
            for name in sorted(vars(a)):
                function, reference = vars(a)[name], getattr(b, name, None)
                full = f"{namespace}.{name}".lstrip(".")
                if name.startswith("_") or inspect.isclass(function) or inspect.ismodule(function):
                    continue
                if callable(function) and callable(reference) and (version, full) not in OTHER:
                    yield pytest.param(function, reference, id=f"{version}-{full}")


@pytest.mark.parametrize(("ours", "theirs"), list(functions()))
def test_arguments(ours, theirs):
    expected = [p for p in parameters(theirs) if p not in ELSEWHERE]
    found = [p for p in parameters(ours) if p in expected or p not in MORE | ELSEWHERE]
    assert found == expected
