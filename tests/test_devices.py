"""Devices: names, hints, settings, and where operations run."""

import os
import subprocess
import sys

import numpy as np
import pytest

import tensorglass as tg
from tensorglass import devices
from tensorglass.devices import DeviceSpec, Placement


@pytest.fixture(autouse=True)
def _settings():
    kept = {**vars(devices.settings), "threads": dict(devices.settings.threads)}
    yield
    vars(devices.settings).update(kept)


# -- names and hints


def device_of(*hints):
    with tg.Graph().as_default() as graph:
        blocks = [graph.device(h) for h in hints]
        for block in blocks:
            block.__enter__()
        x = tg.constant(1.0)
        for block in reversed(blocks):
            block.__exit__(None, None, None)
        assert tg.constant(1.0).device == ""
        return x.op.device


@pytest.mark.parametrize(
    ("hints", "expected"),
    [
        (["/gpu:0"], "/device:GPU:0"),
        (["GPU:1"], "/device:GPU:1"),
        (["/cpu"], "/device:CPU:*"),
        (["/job:worker", "/gpu:0"], "/job:worker/device:GPU:0"),
        (["/gpu:0", "/cpu:0"], "/device:CPU:0"),
        (["/gpu:0", None], ""),
        (["/gpu:0", ""], "/device:GPU:0"),
        (["/job:ps/gpu:1", "/cpu:*"], "/job:ps/device:CPU:1"),
        ([lambda op: "/gpu:0" if op.type == "Const" else ""], "/device:GPU:0"),
        (["/gpu:3", lambda op: op.device], "/device:GPU:3"),
        (["/gpu:0", lambda op: "/cpu:1"], "/device:CPU:1"),
        ([lambda op: "/gpu:0", "/cpu:1"], "/device:GPU:0"),
        (["/cpu:0", DeviceSpec(job="ps", device_type="gpu", device_index=1)], "/job:ps/device:GPU:1"),
    ],
)
def test_hints_merge_as_in_tensorflow(hints, expected):
    assert device_of(*hints) == expected


@pytest.mark.parametrize("name", ["foo", "/xpu:0", "/device:GPU", "/cpu:0/gpu:1"])
def test_what_is_no_device(name):
    with pytest.raises(ValueError, match="while parsing the device spec"):
        device_of(name)


def test_device_specs():
    spec = DeviceSpec(job="ps", device_type="gpu", device_index=1)
    assert spec.to_string() == "/job:ps/device:GPU:1"
    assert repr(spec) == "<DeviceSpec(job=ps, replica=None, task=None, device_type=GPU, device_index=1)>"
    assert spec.replace(job="w").to_string() == "/job:w/device:GPU:1"
    assert spec == DeviceSpec.from_string("/job:ps/gpu:1")
    assert spec.parse_from_string("/cpu:3").to_string() == "/device:CPU:3"


def test_colocated_ops_and_slots():
    with tg.Graph().as_default() as graph:
        with tg.device("/gpu:0"):
            v = tg.Variable([1.0], name="v")
        with graph.colocate_with(v.op):
            x = tg.constant(1.0)
        assert x.device == "/device:GPU:0"
        assert graph.get_operation_by_name("v/Assign").device == "/device:GPU:0"


# -- placement


def test_devices_that_are_not_there():
    there = ["CPU:0", "GPU:0"]
    with tg.Graph().as_default():
        placed = []
        for hint in ("", "/cpu:0", "/gpu:0", "/gpu:1", "/gpu", "/tpu:0"):
            with tg.device(hint):
                placed.append(tg.constant(1.0).op)
    assert list(Placement().place(placed, there).values()) == ["GPU:0", "CPU:0", "GPU:0", "GPU:0", "GPU:0", "GPU:0"]
    assert set(Placement().place(placed, ["CPU:0"]).values()) == {"CPU:0"}


def on_a_gpu():
    with tg.device("/gpu:0"):
        return tg.add(tg.constant(1.0), 2.0, name="sum")


def test_a_program_written_for_a_gpu_runs_without_one(monkeypatch):
    monkeypatch.setattr(devices, "physical", lambda: ["CPU:0"])
    proto = tg.compat.v1.ConfigProto
    with tg.Graph().as_default():
        y = on_a_gpu()
        assert tg.Session().run(y) == 3.0
        assert tg.Session(config=proto(log_device_placement=False)).run(y) == 3.0
        with pytest.raises(
            tg.errors.InvalidArgumentError,
            match=r"(?s)Cannot assign a device for operation \S+ .*assigned to /device:GPU:0.*test_devices\.py",
        ):
            tg.Session(config=proto(allow_soft_placement=False)).run(y)
        tg.config.set_soft_device_placement(False)
        assert not tg.config.get_soft_device_placement()
        with pytest.raises(tg.errors.InvalidArgumentError):
            tg.Session().run(y)
        assert tg.Session(config=proto(allow_soft_placement=True)).run(y) == 3.0


def test_the_log_of_placements(capsys):
    with tg.Graph().as_default():
        a = tg.placeholder(tg.float32, name="a")
        b = tg.add(a, tg.constant(2.0, name="two"), name="b")
        session = tg.Session(config=tg.compat.v1.ConfigProto(log_device_placement=True), backend="numpy")
        session.run(b, {a: 1.0})
        session.run(b, {a: 1.0})
    assert capsys.readouterr().err.splitlines() == [
        "two: (Const): /job:localhost/replica:0/task:0/device:CPU:0",
        "b: (AddV2): /job:localhost/replica:0/task:0/device:CPU:0",
    ]


def test_devices_a_session_may_use(monkeypatch):
    monkeypatch.setattr(devices, "physical", lambda: ["CPU:0", "GPU:0", "GPU:1"])
    proto = tg.compat.v1.ConfigProto
    assert Placement().devices() == ["CPU:0", "GPU:0", "GPU:1"]
    assert Placement(proto(device_count={"GPU": 0})).devices() == ["CPU:0"]
    assert Placement(proto(gpu_options={"visible_device_list": "1"})).devices() == ["CPU:0", "GPU:1"]
    tg.config.set_visible_devices([], "GPU")
    assert Placement().devices() == ["CPU:0"]
    assert tg.config.get_visible_devices("GPU") == []
    tg.config.set_visible_devices([])
    assert Placement().devices() == ["CPU:0"]


# -- tensorglass.config


def test_lists(monkeypatch):
    monkeypatch.setattr("tensorglass.config.listing.physical", lambda: ["CPU:0"])
    cpu = tg.config.PhysicalDevice(name="/physical_device:CPU:0", device_type="CPU")
    for module in (tg.config, tg.config.experimental):
        assert module.list_physical_devices("CPU") == module.list_physical_devices() == [cpu]
        assert module.list_physical_devices("XPU") == []
    assert tg.config.LogicalDevice(name="/device:CPU:0", device_type="CPU") in tg.config.list_logical_devices()
    with pytest.raises(ValueError, match="Unrecognized device: 'x'"):
        tg.config.set_visible_devices("x")
    with pytest.raises(ValueError, match="Unrecognized device"):
        tg.config.set_visible_devices(tg.config.list_physical_devices("CPU"), "GPU")
    with pytest.raises(ValueError, match="Cannot set memory growth on non-GPU"):
        tg.config.experimental.set_memory_growth(tg.config.list_physical_devices("CPU")[0], True)


def test_settings_are_kept():
    tg.config.threading.set_intra_op_parallelism_threads(3)
    tg.config.threading.set_inter_op_parallelism_threads(2)
    assert tg.config.threading.get_intra_op_parallelism_threads() == 3
    assert tg.config.threading.get_inter_op_parallelism_threads() == 2
    assert tg.config.experimental.tensor_float_32_execution_enabled()
    tg.config.experimental.enable_tensor_float_32_execution(False)
    assert not tg.config.experimental.tensor_float_32_execution_enabled()
    assert tg.config.optimizer.get_jit() == ""
    tg.config.optimizer.set_jit(True)
    assert tg.config.optimizer.get_jit() == "autoclustering"


def test_memory_of_a_gpu(monkeypatch):
    monkeypatch.setattr("tensorglass.config.listing.physical", lambda: ["CPU:0", "GPU:0"])
    monkeypatch.setattr(devices, "_started", lambda: False)
    monkeypatch.setenv("XLA_PYTHON_CLIENT_PREALLOCATE", "false")
    monkeypatch.setenv("XLA_PYTHON_CLIENT_MEM_FRACTION", "0.75")
    gpu = tg.config.list_physical_devices("GPU")[0]
    tg.config.experimental.set_memory_growth(gpu, False)
    assert os.environ["XLA_PYTHON_CLIENT_PREALLOCATE"] == "true"
    assert not tg.config.experimental.get_memory_growth(gpu)
    config = tg.compat.v1.ConfigProto()
    config.gpu_options.allow_growth = True
    config.gpu_options.per_process_gpu_memory_fraction = 0.25
    with tg.Graph().as_default():
        tg.Session(config=config)
    assert tg.config.experimental.get_memory_growth(gpu)
    assert os.environ["XLA_PYTHON_CLIENT_MEM_FRACTION"] == "0.25"
    monkeypatch.setattr(devices, "_started", lambda: True)
    tg.config.experimental.set_memory_growth(gpu, True)
    with pytest.raises(RuntimeError, match="cannot be modified after being initialized"):
        tg.config.experimental.set_memory_growth(gpu, False)


def test_a_config_is_a_protocol_message():
    v1 = tg.compat.v1
    config = v1.ConfigProto(gpu_options=v1.GPUOptions(allow_growth=True), device_count={"CPU": 1})
    assert config.gpu_options.allow_growth
    config.device_count["GPU"] = 0
    config.intra_op_parallelism_threads = 4
    with pytest.raises(AttributeError, match='Protocol message ConfigProto has no "foo" field'):
        config.foo = 1
    with pytest.raises(ValueError, match='Protocol message ConfigProto has no "foo" field'):
        v1.ConfigProto(foo=1)
    with pytest.raises(AttributeError, match=r'Assignment not allowed to .*"gpu_options"'):
        config.gpu_options = v1.GPUOptions()
    with pytest.raises(TypeError, match="has type <class 'str'>"):
        config.allow_soft_placement = "x"
    copy = v1.ConfigProto()
    copy.CopyFrom(config)
    assert copy == config
    assert copy.HasField("gpu_options")
    assert not v1.ConfigProto().HasField("gpu_options")
    assert "intra_op_parallelism_threads: 4" in str(copy)
    with tg.Graph().as_default(), pytest.raises(TypeError, match=r"`config` must be a tf\.ConfigProto"):
        tg.Session(config={"a": 1})


def test_asking_for_xla_in_the_config():
    pytest.importorskip("jax")
    config = tg.compat.v1.ConfigProto()
    config.graph_options.optimizer_options.global_jit_level = tg.compat.v1.OptimizerOptions.ON_1
    assert Placement(config).backend() == "xla"
    assert Placement().backend() == "auto"
    tg.config.optimizer.set_jit(True)
    assert Placement().backend() == "xla"


def test_questions_of_tests(monkeypatch):
    monkeypatch.setattr("tensorglass.config.listing.visible", lambda: ["CPU:0"])
    assert not tg.test.is_gpu_available()
    assert tg.test.gpu_device_name() == ""
    assert isinstance(tg.test.is_built_with_cuda(), bool)
    monkeypatch.setattr("tensorglass.config.listing.visible", lambda: ["CPU:0", "GPU:0"])
    assert tg.test.is_gpu_available()
    assert tg.test.gpu_device_name() == "/device:GPU:0"


# -- several devices: the CPU taken for two, in a process of its own


def in_a_process(code, **environment):
    pytest.importorskip("jax")
    environment = {**os.environ, "XLA_FLAGS": "--xla_force_host_platform_device_count=2", **environment}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=False)
    assert not done.returncode, done.stderr
    return done.stdout


def test_pieces_run_on_the_devices_they_ask_for():
    code = """
import numpy as np, tensorglass as tg
print([d.name for d in tg.config.list_logical_devices()])
with tg.Graph().as_default():
    with tg.device("/cpu:1"):
        v = tg.Variable(tg.ones([4], tg.float64))
        double = v.assign(v * 2.0)
    with tg.device("/cpu:0"):
        total = tg.reduce_sum(double) + tg.cast(tg.constant(2**40), tg.float64)
    free = tg.reduce_sum(v)
    session = tg.Session(backend="xla")
    print(session.run(total) - 2**40, session.run(total) - 2**40, session.run(free))
    print(session._state[v.op.name].device.id)
    print([piece.device.name for piece in session._look_up(total, None).program.pieces])
"""
    assert in_a_process(code).splitlines() == [
        "['/device:CPU:0', '/device:CPU:1']",
        "8.0 16.0 16.0",
        "1",
        "['CPU:1', 'CPU:0']",
    ]


def test_old_state_is_given_away_as_memory_on_accelerators():
    code = """
import numpy as np, tensorglass as tg
from tensorglass.backends import xla_devices
started = xla_devices.Device.__init__
def accelerator(self, name):
    started(self, name)
    self.accelerator = True
xla_devices.Device.__init__ = accelerator
with tg.Graph().as_default():
    a, b = tg.Variable(tg.ones([1000])), tg.Variable(tg.zeros([1000]))
    step = a.assign_add(tg.ones([1000]))
    take = b.assign(a)
    both = [a.assign_add(b).op, b.assign(b + 1.0).op]
    session = tg.Session(backend="xla")
    before = session.run([a, step])[0]                 # the old value is asked for: it is kept
    old = session._state[a.op.name]
    session.run(step.op)
    print(old.is_deleted(), before[0], session.run(a)[0])
    session.run(take.op)                               # b is a: in memory of its own
    session.run(both); session.run(both)
    print(session.run([a, b])[0][0], session.run(b)[0])
    i = tg.placeholder(tg.int32, [])
    fetch = a.assign_add(tg.fill([1000], tg.gather(b, i)))
    try:
        session.run(fetch, {i: 5000})
    except tg.errors.InvalidArgumentError as error:
        print("fault", session.run(a)[0])
"""
    assert in_a_process(code).splitlines() == ["True 1.0 3.0", "10.0 5.0", "fault 10.0"]


def test_compiled_plans_are_kept_in_a_directory(tmp_path):
    code = """
import tensorglass as tg
with tg.Graph().as_default():
    x = tg.placeholder(tg.float32, [3])
    print(tg.Session(backend="xla").run(tg.reduce_sum(tg.tanh(x)), {x: [0, 0, 0]}))
"""
    assert in_a_process(code, TENSORGLASS_CACHE_DIR=str(tmp_path / "a")).strip() == "0.0"
    assert list((tmp_path / "a").iterdir())
    setting = f"import tensorglass as tg; tg.config.set_compilation_cache_dir({str(tmp_path / 'b')!r})\n"
    assert in_a_process(setting + code).strip() == "0.0"
    assert list((tmp_path / "b").iterdir())
    late = setting.replace("import", "import jax; jax.numpy.ones(3) + 1\nimport")
    assert in_a_process(late.replace("'b'", "'c'") + code).strip() == "0.0"


def test_numbers_are_the_same_on_both_backends_under_hints():
    pytest.importorskip("jax")
    with tg.Graph().as_default():
        with tg.device("/gpu:0"):
            y = tg.reduce_sum(tg.tanh(tg.constant(np.arange(6.0))))
        assert tg.Session(backend="xla").run(y) == pytest.approx(tg.Session(backend="numpy").run(y))


def test_loops_give_old_state_away_on_accelerators():
    code = """
import numpy as np, tensorglass as tg
from tensorglass.backends import xla_devices
started = xla_devices.Device.__init__
def accelerator(self, name):
    started(self, name)
    self.accelerator = True
xla_devices.Device.__init__ = accelerator
with tg.Graph().as_default():
    x = tg.placeholder(tg.float32, [None])
    with tg.device("/cpu:1"):
        a = tg.Variable(tg.ones([1000]))
        step = a.assign_add(tg.fill([1000], tg.reduce_sum(x)))
    session = tg.Session(backend="xla")
    session.run(a.initializer)
    old = session._state[a.op.name]
    print(session.run_steps(step, data={x: np.arange(6.0)}, batches=[[0, 1], [2, 3]])[:, 0])
    print(old.is_deleted(), session._state[a.op.name].device.id, session.run(a)[0])
"""
    assert in_a_process(code).splitlines() == ["[2. 7.]", "True 1 7.0"]


def test_adam_on_accelerators():
    """Its powers of β are read for each variable: what is handed over twice cannot be given away."""
    code = """
import numpy as np, tensorglass as tg
from tensorglass.backends import xla_devices
started = xla_devices.Device.__init__
def accelerator(self, name):
    started(self, name)
    self.accelerator = True
xla_devices.Device.__init__ = accelerator
with tg.Graph().as_default():
    x = tg.placeholder(tg.float32, [None, 3])
    w, v = (tg.Variable(np.eye(3, dtype="float32")) for _ in range(2))
    loss = tg.reduce_sum(tg.square(tg.matmul(tg.matmul(x, w), v)))
    train = tg.train.AdamOptimizer(0.1).minimize(loss)
    for backend in "numpy", "xla":
        session = tg.Session(backend=backend)
        session.run(tg.global_variables_initializer())
        feed = {x: np.ones((2, 3), np.float32)}
        losses = [session.run([loss, train], feed)[0] for _ in range(3)]
        if backend == "xla":
            old = session._state[w.op.name]
            session.run(train, feed)
            print(old.is_deleted(), session.run_steps([loss, train], 2, feed)[0].shape)
        print(np.round(losses, 2))
"""
    lines = in_a_process(code).splitlines()
    assert lines[1] == "True (2,)"
    assert lines[0] == lines[2]
