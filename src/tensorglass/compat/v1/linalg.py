"""Linear algebra (`tf.linalg`, in TensorFlow 1's forms)."""

from ...compat.forms import norm as norm
from ...compat.nn import l2_normalize as l2_normalize
from ...ops.clip import global_norm as global_norm
from ...ops.decompositions import (
    cross as cross,
    expm as expm,
    qr as qr,
    self_adjoint_eig as eigh,
    self_adjoint_eigvals as eigvalsh,
    svd as svd,
)
from ...ops.diag import (
    diag as tensor_diag,
    diag_part as tensor_diag_part,
    matrix_band_part as band_part,
    matrix_diag as diag,
    matrix_diag_part as diag_part,
    matrix_set_diag as set_diag,
)
from ...ops.einsum import (
    einsum as einsum,
    tensordot as tensordot,
)
from ...ops.linalg import (
    adjoint as adjoint,
    matmul as matmul,
    matrix_transpose as matrix_transpose,
    matrix_transpose as transpose,
    matvec as matvec,
)
from ...ops.normalize import normalize as normalize
from ...ops.patterns import eye as eye
from ...ops.solvers import (
    cholesky as cholesky,
    cholesky_solve as cholesky_solve,
    logdet as logdet,
    matrix_determinant as det,
    matrix_inverse as inv,
    matrix_solve as solve,
    matrix_solve_ls as lstsq,
    matrix_triangular_solve as triangular_solve,
    slogdet as slogdet,
    trace as trace,
)
