#!/usr/bin/python3
"""keras_files.py FOLDER  small random networks in the layouts of several versions of Keras, and their outputs in numpy

Needs numpy and h5py, not Keras: the layouts are written out here as the versions write them (keras/engine/saving.py, models.py). Each
has what misleads a reader: layers that HDF5 lists in another order, groups named otherwise than their weights, kernels of
Theano, texts of variable length, weights of an optimiser. expected.txt: a line a window, "FILE WINDOW NUMBER...".
"""
import json, os, sys
import h5py, numpy as np

rng = np.random.default_rng(13)
folder = sys.argv[1]
lines = []


def r(*shape):
    return rng.normal(0, 0.6, shape).astype('float32')


def one_hot(w):
    return np.array([['ACGT'.index(b) == c for c in range(4)] for b in w], float)


def windows(n):
    return [''.join('ACGT'[i] for i in rng.integers(0, 4, n)) for _ in range(3)]


def conv(x, k, b, pad=(0, 0), dilation=1):
    """x (L, C), k (K, C, O), correlation"""
    x = np.pad(x, (pad, (0, 0)))
    n = x.shape[0] - (k.shape[0] - 1) * dilation
    return np.array([sum(x[t + i * dilation] @ k[i].astype(float) for i in range(k.shape[0])) for t in range(n)]) + b


def relu(x):
    return np.maximum(x, 0)


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def pool(x, k, f=np.max):
    return np.array([f(x[t * k:t * k + k], axis=0) for t in range(x.shape[0] // k)])


def write(name, net, top, layers, attributes=(), texts='S'):
    """layers: (name, [(weight name, array)]) in the order of the network"""
    with h5py.File(os.path.join(folder, name), 'w') as f:
        for key, value in attributes:
            f.attrs[key] = value
        g = f.create_group(top) if top else f
        def put(at, key, values):
            if not values:
                at.attrs[key] = np.zeros(0)  # Keras: no type of text
            elif texts == 'S':
                at.attrs[key] = np.array([v.encode() for v in values])
            else:
                at.attrs.create(key, values, dtype=h5py.string_dtype())
        put(g, 'layer_names', [l for l, _ in layers])
        for layer, weights in layers:
            sub = g.create_group(layer)
            put(sub, 'weight_names', [w for w, _ in weights])
            for w, a in weights:
                sub[w] = a
        if top:
            f['optimizer_weights/Adam/m:0'] = r(3, 3)
            f.create_group('model_weights/top_level_model_weights')
    length, forward = net
    for w in windows(length):
        lines.append(' '.join([name, w] + ['%.15g' % v for v in np.ravel(forward(one_hot(w)))]))


def layer(kind, name, inbound, **config):
    return {'class_name': kind, 'name': name, 'config': dict(config, name=name), 'inbound_nodes': inbound}


def ref(*names):
    return [[n, 0, 0, {}] if isinstance(n, str) else [n[0], n[1], 0, {}] for n in names]


# --- Keras 2: functional, a layer used twice, Lambda, batch norm without gamma; conv_10 stands before conv_2 in the file ---
k2, b2, k10, b10 = r(6, 4, 5), r(5), r(3, 5, 5), r(5)
beta, mean, var = r(5), r(5), np.abs(r(5)) + 0.5
kd, bd, ke, be = r(5, 3), r(3), (0.02 * r(6, 2)).astype('float32'), r(2)


def keras2(x):
    a = relu(conv(x, k2, b2, (2, 3)))  # `same` of an even kernel: one more behind
    a = (a - mean) / np.sqrt(var.astype(float) + 1e-3) + beta
    c = conv(a, k10, b10, (2, 2), 2)
    s = 2 * (a + c)  # the Lambda
    p, q = s.max(0) @ kd + bd, s.mean(0) @ kd + bd
    z = np.concatenate([p, q]) @ ke + be
    return np.exp(z) / np.exp(z).sum()


config = {'class_name': 'Model', 'config': {'name': 'm', 'layers': [
    layer('InputLayer', 'x', [], batch_input_shape=[None, 30, 4]),
    layer('Conv1D', 'conv_2', [ref('x')], filters=5, kernel_size=[6], strides=[1], padding='same', activation='relu', use_bias=True),
    layer('BatchNormalization', 'bn', [ref('conv_2')], axis=-1, epsilon=1e-3, scale=False, center=True),
    layer('Conv1D', 'conv_10', [ref('bn')], filters=5, kernel_size=[3], strides=[1], padding='same', dilation_rate=[2], activation='linear',
          use_bias=True, batch_input_shape=[None, 7, 1]),
    layer('Add', 'sum', [ref('bn', 'conv_10')]),
    layer('Lambda', 'twice', [ref('sum')], function=['4wEAAAA=', None, None]),
    layer('GlobalMaxPooling1D', 'top', [ref('twice')]),
    layer('GlobalAveragePooling1D', 'mean', [ref('twice')]),
    layer('Dense', 'shared', [ref('top'), ref('mean')], units=3, activation='linear', use_bias=True),
    layer('Concatenate', 'both', [ref(('shared', 0), ('shared', 1))], axis=-1),
    layer('Dense', 'out', [ref('both')], units=2, activation='softmax', use_bias=True)],
    'input_layers': [['x', 0, 0]], 'output_layers': [['out', 0, 0]]}}
write('keras2.h5', (30, keras2), 'model_weights',
      [('conv_2', [('conv_2_7/kernel:0', k2), ('conv_2_7/bias:0', b2)]), ('bn', [('bn/beta:0', beta), ('bn/moving_mean:0', mean), ('bn/moving_variance:0', var)]),
       ('conv_10', [('conv_10/kernel:0', k10), ('conv_10/bias:0', b10)]), ('sum', []), ('twice', []), ('top', []), ('mean', []),
       ('shared', [('dense_4/kernel:0', kd), ('dense_4/bias:0', bd)]), ('both', []), ('out', [('out/kernel:0', ke), ('out/bias:0', be)])],
      [('model_config', json.dumps(config)), ('backend', 'tensorflow'), ('keras_version', '2.2.4')])

# --- Keras 1 under Theano: kernels (k, 1, in, out), turned; the layers as JSON beside ---
kt, bt, kf, bf = r(5, 1, 4, 3), r(3), r(3 * 8, 1), r(1)


def theano(x):
    a = pool(relu(conv(x, kt[::-1, 0], bt)), 2)
    return sigmoid(a.reshape(-1) @ kf + bf)


json.dump({'class_name': 'Sequential', 'keras_version': '1.1.1', 'config': [
    {'class_name': 'Convolution1D', 'config': {'name': 'convolution1d_1', 'batch_input_shape': [None, 20, 4], 'nb_filter': 3, 'filter_length': 5,
                                               'border_mode': 'valid', 'subsample_length': 1, 'activation': 'relu', 'bias': True}},
    {'class_name': 'MaxPooling1D', 'config': {'name': 'maxpooling1d_1', 'pool_length': 2, 'stride': 2, 'border_mode': 'valid'}},
    {'class_name': 'Flatten', 'config': {'name': 'flatten_1'}},
    {'class_name': 'Dense', 'config': {'name': 'dense_1', 'output_dim': 1, 'activation': 'sigmoid', 'bias': True}}]},
    open(os.path.join(folder, 'keras1_theano.json'), 'w'))
write('keras1_theano.h5', (20, theano), None, [('convolution1d_1', [('convolution1d_1_W', kt), ('convolution1d_1_b', bt)]), ('maxpooling1d_1', []),
                                               ('flatten_1', []), ('dense_1', [('dense_1_W', kf), ('dense_1_b', bf)])])

# --- Keras 0: pictures of 4 rows, kernels (out, in, rows, columns) turned both ways, flatten channels first, layers by number ---
kc, bc, kl, bl = r(3, 1, 4, 6), r(3), r(3 * 5, 1), r(1)
flat = [('Activation', 'linear')] * 7


def keras0(x):
    a = conv(x, kc[:, 0, ::-1, ::-1].transpose(2, 1, 0), bc)  # (columns, rows, out)
    a = pool(relu(a), 3)
    return sigmoid(a.T.reshape(-1) @ kl + bl)


stack = [{'name': 'Convolution2D', 'nb_filter': 3, 'nb_row': 4, 'nb_col': 6, 'subsample': [1, 1], 'border_mode': 'valid', 'activation': 'linear',
          'dim_ordering': 'th', 'input_shape': [1, 4, 20]}] + [{'name': 'Activation', 'activation': a} for _, a in flat] + \
        [{'name': 'Activation', 'activation': 'relu'}, {'name': 'MaxPooling2D', 'pool_size': [1, 3], 'strides': [1, 3], 'dim_ordering': 'th',
         'border_mode': 'valid'}, {'name': 'Flatten'}, {'name': 'Dense', 'output_dim': 1, 'activation': 'sigmoid'}]
json.dump({'name': 'Sequential', 'layers': stack}, open(os.path.join(folder, 'keras0.json'), 'w'))
with h5py.File(os.path.join(folder, 'keras0.h5'), 'w') as f:
    f.attrs['nb_layers'] = len(stack)
    for i, item in enumerate(stack):
        g = f.create_group('layer_%d' % i)
        weights = {'Convolution2D': [kc, bc], 'Dense': [kl, bl]}.get(item['name'], [])
        g.attrs['nb_params'] = len(weights)
        for k, a in enumerate(weights):
            g['param_%d' % k] = a
for w in windows(20):
    lines.append(' '.join(['keras0.h5', w] + ['%.15g' % v for v in keras0(one_hot(w))]))

# --- Keras 2.7: texts of variable length; a network within a network, whose weights stand in one group ---
ki, bi, ko, bo = r(4, 4, 3), r(3), r(3, 2), r(2)


def nested(x):
    return conv(relu(conv(x, ki, bi)).max(0)[None], ko[None], bo)


inner = {'name': 'inner', 'layers': [
    {'class_name': 'InputLayer', 'config': {'batch_input_shape': [None, None, 4], 'name': 'conv_input'}},
    {'class_name': 'Conv1D', 'config': {'name': 'conv', 'filters': 3, 'kernel_size': [4], 'strides': [1], 'padding': 'valid', 'activation': 'relu', 'use_bias': True}},
    {'class_name': 'GlobalMaxPooling1D', 'config': {'name': 'top'}}]}
config = {'class_name': 'Sequential', 'config': {'name': 'outer', 'layers': [
    {'class_name': 'InputLayer', 'config': {'batch_input_shape': [None, None, 4], 'name': 'seq'}},
    {'class_name': 'Sequential', 'config': inner}, {'class_name': 'Dense', 'config': {'name': 'out', 'units': 2, 'activation': 'linear', 'use_bias': True}}]}}
write('keras27.h5', (17, nested), 'model_weights', [('inner', [('conv/kernel:0', ki), ('conv/bias:0', bi)]), ('out', [('out/kernel:0', ko), ('out/bias:0', bo)])],
      [('model_config', json.dumps(config)), ('backend', 'tensorflow'), ('keras_version', '2.7.0')], 'variable')

open(os.path.join(folder, 'expected.txt'), 'w').write('\n'.join(lines) + '\n')
