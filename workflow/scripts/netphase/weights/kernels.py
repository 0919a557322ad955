"""Compiled training of small networks of binary weights, one network at a time.

All is stored sample by sample with the units side by side, each row padded to whole vectors of
LANES numbers, so that every product of a step, forward, backward and for the gradient, is one and
the same tile: out[r] = sum_k x[r, k] w[k], sixteen rows of one vector each, or four where no more
are left.

The tile is written in LLVM through numba's internals, because matrices of a few units are too small
for a library of matrix products: a training step of 64 samples of a network of 20-15-15-10 units
takes 14.8 CPU us (binary_network_step of benchmarks/summary.json), in NumPy over ten times as long.
Its plain twins stand in tests/unit/weights/test_networks.py: `loss_of`, from which torch derives
the gradient, and `plain_accuracy` in NumPy. The file is long because numba compiles the kernels of
a step into one another.
"""

import math

import numba
import numpy as np
from llvmlite import ir
from numba.core import cgutils
from numba.extending import intrinsic

from netphase.learners.perceptron_kernels import compiled, exp, inlined

LANES = 16
ROWS = 16  # accumulators of a tile: half of the registers, enough to hide the latency of a product
ROWS_PER_POINTER = 4  # as many as a short tile has
NORMALS = 1 << 16
SLOPE = 0.1  # of LeakyReLU
LEAST_LOGIT = -60.0  # below the largest: what follows stays clear of slow subnormal numbers


def _tile_of(n_rows):
    """Generate the product of `n_rows` rows of one vector each; one piece, being one block of LLVM.

    Plain form: out[r] = x[r] @ w, with fused multiply-adds in the order of k.
    """

    @intrinsic
    def tile(typing_context, x, x_at, x_row, x_step, w, w_at, w_step, out, out_at, out_row, n):
        """out[out_at + r out_row + lane] = sum over k < n of x[...] w[...], for all rows r."""
        integer = numba.int64

        def generate(context, builder, signature, args):
            types = signature.args
            element = context.get_value_type(types[0].dtype)
            vector = ir.VectorType(element, LANES)
            size = context.get_abi_sizeof(element)
            base = {
                name: context.make_array(types[k])(context, builder, args[k]).data
                for name, k in (("x", 0), ("w", 4), ("out", 7))
            }
            x_at, x_row, x_step, w_at, w_step, out_at, out_row, n = (
                args[k] for k in (1, 2, 3, 5, 6, 8, 9, 10)
            )
            index = ir.IntType(64)
            zero, one = ir.Constant(index, 0), ir.Constant(index, 1)
            fma = cgutils.get_or_insert_function(
                builder.module,
                ir.FunctionType(vector, [vector] * 3),
                f"llvm.fma.v{LANES}f{8 * size}",
            )
            nothing = ir.Constant(ir.IntType(32), 0)
            shuffle = ir.Constant(ir.VectorType(ir.IntType(32), LANES), [0] * LANES)

            entry = builder.block
            body, done = (builder.append_basic_block(name) for name in ("tile", "tile_done"))
            # Few pointers, each of a few rows: one for every row would not fit the registers.
            rows = [builder.mul(ir.Constant(index, r), x_row) for r in range(ROWS_PER_POINTER)]
            first = builder.gep(base["x"], [x_at])
            firsts = [
                builder.gep(first, [builder.mul(ir.Constant(index, r), x_row)])
                for r in range(0, n_rows, ROWS_PER_POINTER)
            ]
            builder.cbranch(builder.icmp_signed(">", n, zero), body, done)

            builder.position_at_end(body)
            k = builder.phi(index)
            k.add_incoming(zero, entry)
            pointers = [builder.phi(first.type) for _ in firsts]
            sums = [builder.phi(vector) for _ in range(n_rows)]
            empty = ir.Constant(vector, [0.0] * LANES)
            place = builder.add(w_at, builder.mul(k, w_step))
            pointer = builder.bitcast(builder.gep(base["w"], [place]), vector.as_pointer())
            weights = builder.load(pointer, align=size)
            following = []
            for r, total in enumerate(sums):
                total.add_incoming(empty, entry)
                pointer, row = pointers[r // ROWS_PER_POINTER], rows[r % ROWS_PER_POINTER]
                scalar = builder.load(builder.gep(pointer, [row]))
                lane = builder.insert_element(ir.Constant(vector, ir.Undefined), scalar, nothing)
                spread = builder.shuffle_vector(lane, ir.Constant(vector, ir.Undefined), shuffle)
                following.append(builder.call(fma, [spread, weights, total]))
            after = builder.add(k, one)
            k.add_incoming(after, body)
            for pointer, start in zip(pointers, firsts, strict=True):
                pointer.add_incoming(start, entry)
                pointer.add_incoming(builder.gep(pointer, [x_step]), body)
            for total, new in zip(sums, following, strict=True):
                total.add_incoming(new, body)
            builder.cbranch(builder.icmp_signed("<", after, n), body, done)

            builder.position_at_end(done)
            results = []
            for new in following:
                result = builder.phi(vector)
                result.add_incoming(empty, entry)
                result.add_incoming(new, body)
                results.append(result)
            for r, result in enumerate(results):
                place = builder.add(out_at, builder.mul(ir.Constant(index, r), out_row))
                pointer = builder.bitcast(builder.gep(base["out"], [place]), vector.as_pointer())
                builder.store(result, pointer, align=size)
            return context.get_dummy_value()

        arguments = (
            x,
            integer,
            integer,
            integer,
            w,
            integer,
            integer,
            out,
            integer,
            integer,
            integer,
        )
        return numba.void(*arguments), generate

    return tile


_tile, _short_tile = _tile_of(ROWS), _tile_of(ROWS_PER_POINTER)


@inlined
def _mix(counter):
    """Sixty-four random bits of a counter (SplitMix64: Steele, Lea & Flood 2014)."""
    z = counter * np.uint64(0x9E3779B97F4A7C15)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))


@inlined
def draw_normals(counter, table, indices, out):
    """Normal numbers out[...] by four for each counter: entries of a table of quantiles."""
    for k in range(indices.size // 4):
        z = _mix(counter + np.uint64(k))
        for q in range(4):
            indices[4 * k + q] = np.uint16(z >> np.uint64(16 * q))
    for k in range(out.size):
        out[k] = table[indices[k]]


# Not inlined: its arithmetic is that of the tile, which leaves nothing to round otherwise.
@compiled
def _products(layout, layer, n_batch, x, x_at, w, out):
    """out = x w of one layer: its inputs from x_at on, w in the forward order, out over outputs."""
    widths, strides, at_units, at_weights = layout
    s_in, s_out = strides[layer], strides[layer + 1]
    for b in range(0, n_batch, ROWS):
        source = x_at + b * s_in
        for c in range(0, s_out, LANES):
            column, place = at_weights[layer] + c, at_units[layer + 1] + b * s_out + c
            _tile(x, source, s_in, 1, w, column, s_out, out, place, s_out, widths[layer])


@inlined
def gradient(layout, n_batch, labels, mu, var, buffers, d_mean, d_variance):
    """Loss of a minibatch, and its derivatives by means and variances of the weights.

    Parameters
    ----------
    layout : (widths, strides, at_units, at_weights)
    labels : (n_batch,)
    mu, var : means and variances, each (forward, backward), see `spread`
    buffers : a, a2, z, v, noise, delta, g, t1, t2 over all units; a holds the inputs, noise the
        normal numbers, which are used up
    d_mean, d_variance : results, in the forward order: the sums over the batch of a delta, which is
        dL / d mu, and of a^2 delta eps / v, twice dL / d v for each weight
    """
    widths, strides, at_units, at_weights = layout
    a, a2, z, v, noise, delta, g, t1, t2 = buffers
    n_layers = len(widths) - 1
    for k in range(n_batch * strides[0]):
        a2[k] = a[k] * a[k]
    for layer in range(n_layers):
        _products(layout, layer, n_batch, a, at_units[layer], mu[0], z)
        _products(layout, layer, n_batch, a2, at_units[layer], var[0], v)
        u_out = at_units[layer + 1]
        own = slice(u_out, u_out + n_batch * strides[layer + 1])
        _add_noise(z[own], v[own], noise[own])
        if layer < n_layers - 1:
            scale = a.dtype.type(1 / math.sqrt(widths[layer]))
            _activate(z[own], scale, a[own], a2[own])

    stride, u_out = strides[n_layers], at_units[n_layers]
    own = slice(u_out, u_out + n_batch * stride)
    loss = _softmax(z[own], stride, widths[n_layers], labels, delta[own])

    for layer in range(n_layers - 1, -1, -1):
        s_in, s_out = strides[layer], strides[layer + 1]
        u_in, u_out, w = at_units[layer], at_units[layer + 1], at_weights[layer]
        _multiply(delta[u_out : u_out + n_batch * s_out], noise[u_out:], g[u_out:])
        for j in range(0, s_in, ROWS):
            for c in range(0, s_out, LANES):
                x, y, place = u_in + j, u_out + c, w + j * s_out + c
                if widths[layer] - j > ROWS_PER_POINTER:
                    _tile(a, x, 1, s_in, delta, y, s_out, d_mean, place, s_out, n_batch)
                    _tile(a2, x, 1, s_in, g, y, s_out, d_variance, place, s_out, n_batch)
                else:
                    _short_tile(a, x, 1, s_in, delta, y, s_out, d_mean, place, s_out, n_batch)
                    _short_tile(a2, x, 1, s_in, g, y, s_out, d_variance, place, s_out, n_batch)
        if layer == 0:
            break
        for b in range(0, n_batch, ROWS):
            for c in range(0, s_in, LANES):
                place, source = u_in + b * s_in + c, u_out + b * s_out
                rows = widths[layer + 1]
                _tile(delta, source, s_out, 1, mu[1], w + c, s_in, t1, place, s_in, rows)
                _tile(g, source, s_out, 1, var[1], w + c, s_in, t2, place, s_in, rows)
        own = slice(u_in, u_in + n_batch * s_in)
        scale = a.dtype.type(1 / math.sqrt(widths[layer - 1]))
        _descend(z[own], a[own], t1[own], t2[own], scale, delta[own])
    return loss / n_batch


# Loops of their own, over few arrays: LLVM vectorises no loop that takes many checks for overlap.
@inlined
def _add_noise(z, v, noise):
    """Add sqrt(v) eps to z, and replace eps by eps / sqrt(v)."""
    tiny = z.dtype.type(1e-12)
    for k in range(z.size):
        root = math.sqrt(v[k] + tiny)
        z[k] += root * noise[k]
        noise[k] /= root


@inlined
def _activate(z, scale, a, a2):
    slope, zero = z.dtype.type(SLOPE) * scale, z.dtype.type(0)
    for k in range(z.size):
        value = (scale if z[k] > zero else slope) * z[k]
        a[k] = value
        a2[k] = value * value


@inlined
def _softmax(z, stride, n_classes, labels, delta):
    """Softmax less the true labels in place, and the sum of the cross-entropies."""
    n_batch, least = len(labels), z.dtype.type(LEAST_LOGIT)
    for b in range(n_batch):
        row = z[b * stride : (b + 1) * stride]
        largest = row[0]
        for k in range(1, n_classes):
            largest = max(largest, row[k])
        for k in range(stride):
            row[k] = max(row[k] - largest, least)
        for k in range(n_classes, stride):
            row[k] = least
    for k in range(z.size):
        delta[k] = exp(z[k])
    loss, totals = 0.0, 1.0
    for b in range(n_batch):
        row = delta[b * stride : (b + 1) * stride]
        total = row[0]
        for k in range(1, stride):
            total += row[k]
        for k in range(stride):
            row[k] /= total
        row[labels[b]] -= row.dtype.type(1)
        loss -= z[b * stride + labels[b]]
        totals *= total
        if b % ROWS == ROWS - 1:  # fewer logarithms
            loss += math.log(totals)
            totals = 1.0
    return loss


@inlined
def _multiply(x, y, out):
    for k in range(x.size):
        out[k] = x[k] * y[k]


@inlined
def _descend(z, a, t1, t2, scale, delta):
    slope, zero = z.dtype.type(SLOPE) * scale, z.dtype.type(0)
    for k in range(z.size):
        t1[k] += a[k] * t2[k]
    for k in range(z.size):
        delta[k] = (scale if z[k] > zero else slope) * t1[k]


@inlined
def spread(layout, theta, mask, mu, var):
    """Means tanh(theta / 2) and variances 1 - mu^2 of the weights.

    They come in two orders: forward, a row of outputs for each input, as theta itself; and
    backward, a row of inputs for each output, of all layers but the first.
    """
    widths, strides, _, at_weights = layout
    one, zero = theta.dtype.type(1), theta.dtype.type(0)
    mean, variance = mu[0], var[0]
    for k in range(theta.size):
        e = exp(-abs(theta[k]))
        value = (one - e) / (one + e)
        mean[k] = value if theta[k] > zero else -value
    for k in range(theta.size):
        mean[k] *= mask[k]
        variance[k] = mask[k] - mean[k] * mean[k]
    for layer in range(1, len(widths) - 1):
        s_in, s_out = strides[layer], strides[layer + 1]
        for j in range(widths[layer]):
            row, column = at_weights[layer] + j * s_out, at_weights[layer] + j
            for i in range(widths[layer + 1]):
                mu[1][column + i * s_in] = mean[row + i]
                var[1][column + i * s_in] = variance[row + i]


@compiled
def train(
    layout,
    images,
    labels,
    theta,
    mask,
    rates,
    done,
    frozen,
    penalty,
    n_batch,
    start,
    table,
    mu,
    var,
    buffers,
    averages,
    work,
):
    """Train by Adam on random minibatches; theta is changed in place. Return every step's loss.

    A minibatch as large as the training set is the training set. One compiled loop over the steps,
    which numba gets as flat arguments.

    Parameters
    ----------
    images : (samples, strides[0]), inputs padded by zeros
    rates : (steps,), the learning rate of each
    done : number of steps before these
    frozen : first place of the weights that keep their theta, and the first after them
    start : the counter at which the random numbers of this network begin
    averages : Adam's first and second moments after the steps before these, zero without any
    work : d_mean, d_variance: buffers over the weights, and indices, chosen
    """
    strides, at_units = layout[1], layout[2]
    d_mean, d_variance, indices, chosen = work
    first, second = averages
    inputs, noise = buffers[0], buffers[4][at_units[1] :]
    dtype = theta.dtype.type
    losses = np.empty(len(rates), np.float32)
    kept = theta[frozen[0] : frozen[1]].copy()
    counter = start + np.uint64(done * (n_batch + indices.size // 4))
    n_samples, n_first, whole = np.uint64(len(images)), strides[0], n_batch == len(images)
    for t in range(len(rates)):
        for b in range(n_batch):
            row = ((_mix(counter) >> np.uint64(32)) * n_samples) >> np.uint64(32)
            counter += np.uint64(1)
            if whole:
                row = np.uint64(b)
            chosen[b] = labels[row]
            for j in range(n_first):
                inputs[b * n_first + j] = images[row, j]
        draw_normals(counter, table, indices, noise)
        counter += np.uint64(indices.size // 4)
        spread(layout, theta, mask, mu, var)
        losses[t] = gradient(layout, n_batch, chosen, mu, var, buffers, d_mean, d_variance)
        _slope(d_mean, d_variance, mu[0], var[0], dtype(0.5 / n_batch))
        step = done + t + 1
        _adam(
            theta, d_mean, first, second, dtype(penalty),
            dtype(rates[t] / (1 - 0.9**step)), dtype(1 / (1 - 0.999**step)),
        )  # fmt: skip
        theta[frozen[0] : frozen[1]] = kept
    return losses


@inlined
def _slope(d_mean, d_variance, mu, var, half):
    """Overwrite d_mean by dL / d theta."""
    for k in range(mu.size):
        d_mean[k] -= mu[k] * d_variance[k]
    for k in range(mu.size):
        d_mean[k] *= half * var[k]


@inlined
def _adam(theta, slope, first, second, penalty, rate, correction):
    """One step of Kingma & Ba (2015); `rate` and `correction` undo the bias of the averages."""
    dtype = theta.dtype.type
    keep_1, keep_2, epsilon = dtype(0.9), dtype(0.999), dtype(1e-8)
    new_1, new_2 = dtype(0.1), dtype(0.001)
    for k in range(theta.size):
        slope[k] += penalty * theta[k]
    for k in range(theta.size):
        first[k] = keep_1 * first[k] + new_1 * slope[k]
        second[k] = keep_2 * second[k] + new_2 * slope[k] * slope[k]
    for k in range(theta.size):
        theta[k] -= rate * first[k] / (math.sqrt(second[k] * correction) + epsilon)


@compiled
def count_right(layout, images, labels, weights, n_batch, a, z):
    """Number of images that a network of given weights classifies correctly.

    Of equal outputs the first counts.

    Parameters
    ----------
    images : all rows of strides[0], one after the other, a multiple of n_batch of them; padding has
        the label -1
    weights : in the forward order
    a, z : buffers over all units
    """
    widths, strides, at_units, _ = layout
    n_layers, right = len(widths) - 1, 0
    start, stride = at_units[n_layers], strides[n_layers]
    for first in range(0, len(labels), n_batch):
        # Images are read where they are.
        place = first * strides[0]
        for layer in range(n_layers):
            source = images if layer == 0 else a
            _products(layout, layer, n_batch, source, place, weights, z)
            place = at_units[layer + 1]
            if layer < n_layers - 1:
                own = slice(place, place + n_batch * strides[layer + 1])
                _rectify(z[own], a.dtype.type(1 / math.sqrt(widths[layer])), a[own])
        own = slice(start, start + n_batch * stride)
        right += _count(z[own], stride, widths[n_layers], labels[first : first + n_batch])
    return right


@inlined
def _count(z, stride, n_classes, labels):
    """Number of rows whose label has the largest output, the first of equal ones."""
    right, n_classes = 0, np.int32(n_classes)
    for b in range(len(labels)):
        label, row = np.int32(labels[b]), b * stride
        if label < 0:
            continue
        truth, ahead = z[row + label], np.int32(0)
        # Over the padding too, so that a loop goes over whole vectors.
        for k in range(stride):
            unit, output = np.int32(k), z[row + k]
            better = (output > truth) | ((output == truth) & (unit < label))
            ahead += np.int32(better & (unit < n_classes))
        right += ahead == 0
    return right


@inlined
def _rectify(z, scale, a):
    slope, zero = z.dtype.type(SLOPE) * scale, z.dtype.type(0)
    for k in range(z.size):
        a[k] = (scale if z[k] > zero else slope) * z[k]
