"""Compiled passes of the perceptron ladder: all that lies between its two large matrix products.

Everything is stored transposed, (units, samples): each layer width is a contiguous block of rows,
and every pass runs over samples at unit stride.

The passes are hand-written, down to exp and prefetches in LLVM, so that the matrix products take
most of the time. With them a ladder of seven sizes trains 4.5 times as fast as scikit-learn's
MLPClassifier (ladder_speed_over_sklearn_float64 in benchmarks/summary.json), 2.7 times with float32
input (ladder_speed_over_sklearn_float32), and reaches 81 % of the rate of the matrix product alone
(ladder_share_of_gemm_rate).
"""

import math

import numba
import numpy as np
from llvmlite import ir
from numba.core import cgutils
from numba.extending import intrinsic, overload

LOGS_PER_BLOCK = 16
# Rows are drawn at random, which no processor foresees: they are asked for this many rows before.
ROWS_AHEAD = 4
CACHE_LINE = 64

# Not "nnan" or "ninf": a diverging network must show up as NaN, not as undefined behaviour.
FASTMATH = {"reassoc", "contract", "arcp", "nsz"}
# numba's Python error model guards every division with a branch, which forbids vectorisation.
OPTIONS = {"error_model": "numpy", "fastmath": FASTMATH}
compiled = numba.njit(cache=True, **OPTIONS)
# LLVM inlines a function or not according to whether it comes from numba's cache, and rounds
# accordingly: inlined by numba itself, the same source always gives the same bits.
inlined = numba.njit(inline="always", **OPTIONS)


@intrinsic
def _truncate(typing_context, x):
    def generate(context, builder, signature, args):
        return builder.sitofp(builder.fptosi(args[0], ir.IntType(32)), ir.FloatType())

    return numba.float32(numba.float32), generate


@intrinsic
def _power_of_two(typing_context, n):
    def generate(context, builder, signature, args):
        i32 = ir.IntType(32)
        exponent = builder.add(builder.fptosi(args[0], i32), ir.Constant(i32, 127))
        return builder.bitcast(builder.shl(exponent, ir.Constant(i32, 23)), ir.FloatType())

    return numba.float32(numba.float32), generate


@intrinsic
def _prefetch(typing_context, values, index):
    """Prefetch the cache line of a value of a flat array."""

    def generate(context, builder, signature, args):
        pointer, i32 = ir.IntType(8).as_pointer(), ir.IntType(32)
        function = ir.FunctionType(ir.VoidType(), [pointer, i32, i32, i32])
        prefetch = cgutils.get_or_insert_function(builder.module, function, "llvm.prefetch.p0i8")
        data = context.make_array(signature.args[0])(context, builder, args[0]).data
        place = builder.bitcast(builder.gep(data, [args[1]]), pointer)
        # To be read, into the second level of the cache, as data.
        builder.call(prefetch, [place, *(ir.Constant(i32, n) for n in (0, 2, 1))])
        return context.get_dummy_value()

    return numba.void(values, numba.intp), generate


def exp(x):
    """Name of `_exp_compiled` in compiled code; NotImplementedError elsewhere."""
    raise NotImplementedError("for compiled code")


@overload(exp, inline="always", jit_options=OPTIONS)
def _exp_compiled(x):
    """exp(x) for x <= 0, in single precision as 2^n 2^f: LLVM vectorises that, but not expf."""
    if x == numba.float64:
        return lambda x: math.exp(x)

    def single_precision(x):
        t = max(x * np.float32(1.4426950408889634), np.float32(-126))
        n = _truncate(t - np.float32(0.5))
        f = t - n
        p = np.float32(1.525273380e-5)
        p = p * f + np.float32(1.540353039e-4)
        p = p * f + np.float32(1.333355815e-3)
        p = p * f + np.float32(9.618129108e-3)
        p = p * f + np.float32(5.550410866e-2)
        p = p * f + np.float32(2.402265070e-1)
        p = p * f + np.float32(6.931471806e-1)
        return (p * f + np.float32(1)) * _power_of_two(n)

    return single_precision


@compiled
def gather(X, scale, rows, out):
    """Decode the chosen rows of X into the minibatch buffer."""
    values, line = X.reshape(-1), CACHE_LINE // X.itemsize
    for i in range(rows.size):
        if i + ROWS_AHEAD < rows.size:
            start = rows[i + ROWS_AHEAD] * X.shape[1]
            for place in range(start, start + X.shape[1], line):
                _prefetch(values, place)
        source = X[rows[i]]
        target = out[i]
        for j in range(source.size):
            target[j] = source[j] * scale


@inlined
def _rectify(Z, bias):
    """ReLU(Z + b) in place, unit by unit."""
    zero = Z.dtype.type(0)
    for j in range(bias.size):
        row = Z[j]
        b = bias[j]
        for i in range(row.size):
            row[i] = max(row[i] + b, zero)


@inlined
def _softmax_residual(L, bias, y, grad_bias, top, total):
    """Logits L (class, sample) become p - onehot(y) in place, their row sums the bias gradient.

    Returns the summed loss -log clip(p_y, eps, 1 - eps), clipped as in sklearn.neural_network.
    """
    one = L.dtype.type(1)
    eps = np.finfo(L.dtype).eps
    for i in range(y.size):
        top[i] = -np.inf
        total[i] = 0
    for c in range(L.shape[0]):
        row = L[c]
        b = bias[c]
        for i in range(row.size):
            row[i] += b
            top[i] = max(top[i], row[i])
    for c in range(L.shape[0]):
        row = L[c]
        for i in range(row.size):
            row[i] = exp(row[i] - top[i])
            total[i] += row[i]
    for i in range(y.size):
        total[i] = one / total[i]
    for c in range(L.shape[0]):
        row = L[c]
        s = one - one
        for i in range(row.size):
            row[i] *= total[i]
            s += row[i]
        grad_bias[c] = s
    # The log of a product of a few factors costs one log, and cannot underflow in double precision.
    loss = 0.0
    product = 1.0
    for i in range(y.size):
        product *= min(max(np.float64(L[y[i], i]), eps), 1.0 - eps)
        if i % LOGS_PER_BLOCK == LOGS_PER_BLOCK - 1:
            loss -= math.log(product)
            product = 1.0
        L[y[i], i] -= one
        grad_bias[y[i]] -= one
    return loss - math.log(product)


@inlined
def _mask_and_sum(dA, A, grad_bias):
    """Zero dA where the unit was off; its row sums are the bias gradient."""
    zero = dA.dtype.type(0)
    for j in range(grad_bias.size):
        d = dA[j]
        a = A[j]
        s = zero
        for i in range(d.size):
            d[i] = d[i] if a[i] > zero else zero
            s += d[i]
        grad_bias[j] = s


@compiled
def second_layers(A, dA, L, y, theta, grad, sizes, n_classes, places, loss, top, total):
    """Forward and backward pass above Z = W1 X, one layer width after another.

    A : (units, batch), Z on entry, ReLU(Z + b1) on return; dA receives the loss gradient by Z.
    L : (outputs, batch), scratch. Outputs past the last class keep zero weights, hence zero rows.
    """
    start_2, start_b1, start_b2 = places
    n_outputs = L.shape[0]
    unit = 0
    for k in range(sizes.size):
        h = sizes[k]
        place = start_2 + unit * n_outputs
        W2 = theta[place : place + h * n_outputs].reshape(n_outputs, h)
        gW2 = grad[place : place + h * n_outputs].reshape(n_outputs, h)
        place = start_b2 + k * n_classes
        b2 = theta[place : place + n_classes]
        gb2 = grad[place : place + n_classes]
        place = start_b1 + unit
        Ak = A[unit : unit + h]
        dAk = dA[unit : unit + h]
        _rectify(Ak, theta[place : place + h])
        np.dot(W2, Ak, L)
        loss[k] += _softmax_residual(L[:n_classes], b2, y, gb2, top, total)
        np.dot(W2.T, L, dAk)
        np.dot(L, Ak.T, gW2)
        _mask_and_sum(dAk, Ak, grad[place : place + h])
        unit += h


@inlined
def _adam_block(w, g, m, v, scale, decay, rate, beta_1, beta_2, epsilon):
    """One Adam step on the gradient scale*g + decay*w; returns |w|^2 before the step.

    Epsilon stands outside the bias correction, as in sklearn.neural_network.
    """
    one = w.dtype.type(1)
    squares = w.dtype.type(0)
    for i in range(w.size):
        squares += w[i] * w[i]
        gradient = g[i] * scale + decay * w[i]
        m[i] = beta_1 * m[i] + (one - beta_1) * gradient
        v[i] = beta_2 * v[i] + (one - beta_2) * gradient * gradient
        w[i] -= rate * m[i] / (np.sqrt(v[i]) + epsilon)
    return squares


@compiled
def adam(theta, grad, m, v, sizes, row_lengths, places, n, step, constants, loss):
    """Adam on all parameters; adds the L2 penalty of each layer width to its summed loss."""
    learning_rate, beta_1, beta_2, epsilon, alpha = constants
    real = theta.dtype.type
    start_2, start_b1, _ = places
    scale = real(1.0 / n)
    decay = real(alpha / n)
    rate = real(learning_rate * math.sqrt(1.0 - beta_2**step) / (1.0 - beta_1**step))
    b1, b2, eps = real(beta_1), real(beta_2), real(epsilon)
    unit = 0
    for k in range(sizes.size):
        h = sizes[k]
        for first, row in ((0, row_lengths[0]), (start_2, row_lengths[1])):
            s = slice(first + unit * row, first + (unit + h) * row)
            squares = _adam_block(theta[s], grad[s], m[s], v[s], scale, decay, rate, b1, b2, eps)
            loss[k] += 0.5 * alpha * squares
        unit += h
    s = slice(start_b1, theta.size)
    _adam_block(theta[s], grad[s], m[s], v[s], scale, real(0), rate, b1, b2, eps)
