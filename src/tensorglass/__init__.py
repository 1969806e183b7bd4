"""TensorGlass: the deep-learning library you can see through.

TensorFlow 2's names, and beside them those for graphs: `placeholder`, `Session`, `train.GradientDescentOptimizer`.
Ops compute at once; under ``with Graph().as_default():`` they build a graph.  Here, and not in `compat.v1`, a
placeholder needs no dtype, `matmul` takes vectors, and a session initializes variables when they are first used.
"""

from . import (
    bitwise as bitwise,
    compat as compat,
    config as config,
    debugging as debugging,
    dtypes as dtypes,
    errors as errors,
    explore as explore,
    initializers as initializers,
    linalg as linalg,
    math as math,
    nest as nest,
    nn as nn,
    random as random,
    test as test,
    train as train,
)
from .context import (
    disable_eager_execution as disable_eager_execution,
    enable_eager_execution as enable_eager_execution,
    executing_eagerly as executing_eagerly,
    reset_default_graph as reset_default_graph,
)
from .convert import convert_to_tensor as convert_to_tensor, is_tensor as is_tensor
from .devices import DeviceSpec as DeviceSpec
from .dtypes import (
    DType as DType,
    as_dtype as as_dtype,
    bfloat16 as bfloat16,
    bool as bool,
    complex64 as complex64,
    complex128 as complex128,
    double as double,
    float16 as float16,
    float32 as float32,
    float64 as float64,
    half as half,
    int8 as int8,
    int16 as int16,
    int32 as int32,
    int64 as int64,
    string as string,
    uint8 as uint8,
    uint16 as uint16,
    uint32 as uint32,
    uint64 as uint64,
)
from .explore import Trace as Trace, trace as trace, trace_tensorflow as trace_tensorflow
from .gradients import (
    NoGradient as NoGradient,
    NotDifferentiable as NotDifferentiable,
    RegisterGradient as RegisterGradient,
    custom_gradient as custom_gradient,
    gradients as gradients,
    hessians as hessians,
    identity_n as identity_n,
)
from .graph import (
    Graph as Graph,
    Operation as Operation,
    get_default_graph as get_default_graph,
)
from .graph_keys import (
    GraphKeys as GraphKeys,
    add_to_collection as add_to_collection,
    add_to_collections as add_to_collections,
    device as device,
    get_collection as get_collection,
    get_collection_ref as get_collection_ref,
)
from .indexed_slices import IndexedSlices as IndexedSlices
from .initializers import (
    constant_initializer as constant_initializer,
    glorot_normal_initializer as glorot_normal_initializer,
    glorot_uniform_initializer as glorot_uniform_initializer,
    ones_initializer as ones_initializer,
    orthogonal_initializer as orthogonal_initializer,
    random_normal_initializer as random_normal_initializer,
    random_uniform_initializer as random_uniform_initializer,
    truncated_normal_initializer as truncated_normal_initializer,
    uniform_unit_scaling_initializer as uniform_unit_scaling_initializer,
    variance_scaling_initializer as variance_scaling_initializer,
    zeros_initializer as zeros_initializer,
)
from .names import name_scope as name_scope
from .ops import (
    indexing as _indexing,  # (installs `x[...]`)
    operators as _operators,  # (installs `x + y`)
)
from .ops.arrange import (
    broadcast_dynamic_shape as broadcast_dynamic_shape,
    broadcast_static_shape as broadcast_static_shape,
    broadcast_to as broadcast_to,
    pad as pad,
    reverse as reverse,
    reverse_sequence as reverse_sequence,
    roll as roll,
    tile as tile,
    transpose as transpose,
)
from .ops.array import (
    concat as concat,
    expand_dims as expand_dims,
    identity as identity,
    rank as rank,
    reshape as reshape,
    shape as shape,
    shape_n as shape_n,
    size as size,
    split as split,
    squeeze as squeeze,
    stack as stack,
    stop_gradient as stop_gradient,
    unstack as unstack,
)
from .ops.blocks import (
    batch_to_space as batch_to_space,
    batch_to_space_nd as batch_to_space_nd,
    depth_to_space as depth_to_space,
    space_to_batch as space_to_batch,
    space_to_batch_nd as space_to_batch_nd,
    space_to_depth as space_to_depth,
)
from .ops.case import case as case, switch_case as switch_case
from .ops.cast import (
    bitcast as bitcast,
    cast as cast,
    saturate_cast as saturate_cast,
    to_complex64 as to_complex64,
    to_complex128 as to_complex128,
    to_double as to_double,
    to_float as to_float,
    to_int32 as to_int32,
    to_int64 as to_int64,
)
from .ops.checks import (
    Assert as Assert,
    add_check_numerics_ops as add_check_numerics_ops,
    assert_equal as assert_equal,
    assert_greater as assert_greater,
    assert_greater_equal as assert_greater_equal,
    assert_integer as assert_integer,
    assert_less as assert_less,
    assert_less_equal as assert_less_equal,
    assert_near as assert_near,
    assert_negative as assert_negative,
    assert_non_negative as assert_non_negative,
    assert_non_positive as assert_non_positive,
    assert_none_equal as assert_none_equal,
    assert_positive as assert_positive,
    assert_rank as assert_rank,
    assert_rank_at_least as assert_rank_at_least,
    assert_rank_in as assert_rank_in,
    assert_same_float_dtype as assert_same_float_dtype,
    assert_scalar as assert_scalar,
    assert_type as assert_type,
    check_numerics as check_numerics,
    ensure_shape as ensure_shape,
    is_non_decreasing as is_non_decreasing,
    is_numeric_tensor as is_numeric_tensor,
    is_strictly_increasing as is_strictly_increasing,
    verify_tensor_all_finite as verify_tensor_all_finite,
)
from .ops.clip import (
    clip_by_average_norm as clip_by_average_norm,
    clip_by_global_norm as clip_by_global_norm,
    clip_by_norm as clip_by_norm,
    global_norm as global_norm,
)
from .ops.complex import (
    abs as abs,
    angle as angle,
    complex as complex,
    conj as conj,
    imag as imag,
    real as real,
    sign as sign,
)
from .ops.constant import (
    constant as constant,
    fill as fill,
    ones as ones,
    ones_like as ones_like,
    placeholder_with_default as placeholder_with_default,
    range as range,
    untyped_placeholder as placeholder,
    zeros as zeros,
    zeros_like as zeros_like,
)
from .ops.control import (
    control_dependencies as control_dependencies,
    group as group,
    tuple as tuple,
)
from .ops.control_flow import (
    cond as cond,
    while_loop as while_loop,
)
from .ops.decompositions import (
    cross as cross,
    qr as qr,
    self_adjoint_eig as self_adjoint_eig,
    self_adjoint_eigvals as self_adjoint_eigvals,
    svd as svd,
)
from .ops.diag import (
    diag as diag,
    diag_part as diag_part,
    matrix_band_part as matrix_band_part,
    matrix_diag as matrix_diag,
    matrix_diag_part as matrix_diag_part,
    matrix_set_diag as matrix_set_diag,
)
from .ops.einsum import (
    einsum as einsum,
    tensordot as tensordot,
)
from .ops.elementwise import (
    add as add,
    add_n as add_n,
    ceil as ceil,
    clip_by_value as clip_by_value,
    div as div,
    divide as divide,
    exp as exp,
    expm1 as expm1,
    floor as floor,
    floor_div as floor_div,
    floordiv as floordiv,
    floormod as floormod,
    log as log,
    log1p as log1p,
    maximum as maximum,
    minimum as minimum,
    mod as mod,
    multiply as multiply,
    negative as negative,
    pow as pow,
    realdiv as realdiv,
    reciprocal as reciprocal,
    rint as rint,
    round as round,
    rsqrt as rsqrt,
    sqrt as sqrt,
    square as square,
    squared_difference as squared_difference,
    subtract as subtract,
    truediv as truediv,
    truncatediv as truncatediv,
    truncatemod as truncatemod,
)
from .ops.gather import (
    batch_gather as batch_gather,
    boolean_mask as boolean_mask,
    gather as gather,
    gather_nd as gather_nd,
)
from .ops.host import (
    Print as Print,
    numpy_function as numpy_function,
    py_func as py_func,
)
from .ops.indexing import (
    slice as slice,
    strided_slice as strided_slice,
)
from .ops.linalg import (
    matrix_transpose as matrix_transpose,
    root_matmul as matmul,
)
from .ops.logic import (
    equal as equal,
    greater as greater,
    greater_equal as greater_equal,
    less as less,
    less_equal as less_equal,
    logical_and as logical_and,
    logical_not as logical_not,
    logical_or as logical_or,
    logical_xor as logical_xor,
    not_equal as not_equal,
    where as where,
)
from .ops.loops import (
    foldl as foldl,
    foldr as foldr,
    map_fn as map_fn,
    scan as scan,
)
from .ops.measures import (
    accumulate_n as accumulate_n,
    argmax as argmax,
    argmin as argmin,
    bincount as bincount,
    count_nonzero as count_nonzero,
    histogram_fixed_width as histogram_fixed_width,
    histogram_fixed_width_bins as histogram_fixed_width_bins,
    norm as norm,
    reduce_logsumexp as reduce_logsumexp,
    scalar_mul as scalar_mul,
)
from .ops.nan import (
    div_no_nan as div_no_nan,
    is_finite as is_finite,
    is_inf as is_inf,
    is_nan as is_nan,
)
from .ops.nn import (
    log_sigmoid as log_sigmoid,
    sigmoid as sigmoid,
    softmax as softmax,
    tanh as tanh,
)
from .ops.partition import (
    dynamic_partition as dynamic_partition,
    dynamic_stitch as dynamic_stitch,
)
from .ops.patterns import (
    eye as eye,
    lin_space as lin_space,
    linspace as linspace,
    meshgrid as meshgrid,
    one_hot as one_hot,
    sequence_mask as sequence_mask,
    sparse_to_dense as sparse_to_dense,
)
from .ops.random import (
    multinomial as multinomial,
    random_crop as random_crop,
    random_normal as random_normal,
    random_shuffle as random_shuffle,
    random_uniform as random_uniform,
    truncated_normal as truncated_normal,
)
from .ops.random_gamma import (
    random_gamma as random_gamma,
    random_poisson as random_poisson,
)
from .ops.reduce import (
    reduce_all as reduce_all,
    reduce_any as reduce_any,
    reduce_max as reduce_max,
    reduce_mean as reduce_mean,
    reduce_min as reduce_min,
    reduce_prod as reduce_prod,
    reduce_sum as reduce_sum,
)
from .ops.scan import (
    cumprod as cumprod,
    cumsum as cumsum,
)
from .ops.scatter import (
    scatter_nd as scatter_nd,
    tensor_scatter_nd_add as tensor_scatter_nd_add,
    tensor_scatter_nd_max as tensor_scatter_nd_max,
    tensor_scatter_nd_min as tensor_scatter_nd_min,
    tensor_scatter_nd_sub as tensor_scatter_nd_sub,
    tensor_scatter_nd_update as tensor_scatter_nd_update,
)
from .ops.segment import (
    segment_max as segment_max,
    segment_mean as segment_mean,
    segment_min as segment_min,
    segment_prod as segment_prod,
    segment_sum as segment_sum,
    unsorted_segment_max as unsorted_segment_max,
    unsorted_segment_mean as unsorted_segment_mean,
    unsorted_segment_min as unsorted_segment_min,
    unsorted_segment_prod as unsorted_segment_prod,
    unsorted_segment_sqrt_n as unsorted_segment_sqrt_n,
    unsorted_segment_sum as unsorted_segment_sum,
)
from .ops.sets import (
    invert_permutation as invert_permutation,
    searchsorted as searchsorted,
    setdiff1d as setdiff1d,
    unique as unique,
    unique_with_counts as unique_with_counts,
)
from .ops.solvers import (
    cholesky as cholesky,
    cholesky_solve as cholesky_solve,
    matrix_determinant as matrix_determinant,
    matrix_inverse as matrix_inverse,
    matrix_solve as matrix_solve,
    matrix_solve_ls as matrix_solve_ls,
    matrix_triangular_solve as matrix_triangular_solve,
)
from .ops.sort import (
    argsort as argsort,
    sort as sort,
)
from .ops.special import (
    digamma as digamma,
    erf as erf,
    erfc as erfc,
    lbeta as lbeta,
    lgamma as lgamma,
    polygamma as polygamma,
    zeta as zeta,
)
from .ops.state import (
    assign as assign,
    assign_add as assign_add,
    assign_sub as assign_sub,
    count_up_to as count_up_to,
    no_op as no_op,
)
from .ops.state_scatter import (
    scatter_add as scatter_add,
    scatter_div as scatter_div,
    scatter_max as scatter_max,
    scatter_min as scatter_min,
    scatter_mul as scatter_mul,
    scatter_nd_add as scatter_nd_add,
    scatter_nd_sub as scatter_nd_sub,
    scatter_nd_update as scatter_nd_update,
    scatter_sub as scatter_sub,
    scatter_update as scatter_update,
)
from .ops.trig import (
    acos as acos,
    acosh as acosh,
    asin as asin,
    asinh as asinh,
    atan as atan,
    atan2 as atan2,
    atanh as atanh,
    cos as cos,
    cosh as cosh,
    sin as sin,
    sinh as sinh,
    tan as tan,
)
from .seeds import (
    get_seed as get_seed,
    set_random_seed as set_random_seed,
)
from .session import (
    LenientInteractiveSession as InteractiveSession,
    LenientSession as Session,
    get_default_session as get_default_session,
)
from .shapes import (
    Dimension as Dimension,
    TensorShape as TensorShape,
)
from .template import make_template as make_template
from .tensor import Tensor as Tensor
from .variable_scope import (
    AUTO_REUSE as AUTO_REUSE,
    VariableScope as VariableScope,
    get_local_variable as get_local_variable,
    get_variable as get_variable,
    get_variable_scope as get_variable_scope,
    no_regularizer as no_regularizer,
    variable_op_scope as variable_op_scope,
    variable_scope as variable_scope,
)
from .variables import (
    Variable as Variable,
    all_variables as all_variables,
    global_variables as global_variables,
    global_variables_initializer as global_variables_initializer,
    initialize_all_variables as initialize_all_variables,
    is_variable_initialized as is_variable_initialized,
    local_variables as local_variables,
    local_variables_initializer as local_variables_initializer,
    model_variables as model_variables,
    moving_average_variables as moving_average_variables,
    report_uninitialized_variables as report_uninitialized_variables,
    trainable_variables as trainable_variables,
    variables_initializer as variables_initializer,
)

newaxis = None
__version__ = "0.1.0"
