#!/usr/bin/env python3
"""What onnxruntime's LSTM operator answers (onnxruntime 1.31.1, onnx 1.23.2, numpy 2.4.6).

usage: gen_lstm.py > lstm.json

Two LSTMs on top of each other over 6 rows of 7 steps of 3 numbers, with 5 and 4 cells. Weights of a layer are listed as
flowbook keeps them: the inputs' (in x 4 cells), then the cells' (cells x 4 cells), then the biases, each with the gates in
the order input, forget, output, fresh (tanh). The operator keeps them transposed, in the order i, o, f, c.
"""
import json, sys
import numpy as np, onnx, onnxruntime
from onnx import TensorProto, helper

rows, steps, sizes = 6, 7, [3, 5, 4]
rng = np.random.RandomState(5)
x = np.round(1.5 * rng.standard_normal((rows, steps, sizes[0])), 3).astype(np.float32)
weights = [np.round(0.7 * rng.standard_normal(((i + h + 1), 4 * h)), 3).astype(np.float32) for i, h in zip(sizes, sizes[1:])]


def operator(w, hidden):
    """The operator's W, R and B from flowbook's order."""
    i, f, o, g = np.split(w, 4, axis=1)
    w = np.concatenate([i, o, f, g], axis=1)
    wx, wh, b = w[: -1 - hidden], w[-1 - hidden : -1], w[-1]
    return wx.T[None], wh.T[None], np.concatenate([b, 0 * b])[None]


nodes, constants, name = [], [], "x"
for k, (w, hidden) in enumerate(zip(weights, sizes[1:])):
    for label, value in zip("WRB", operator(w, hidden)):
        constants.append(helper.make_tensor(f"{label}{k}", TensorProto.FLOAT, value.shape, value.ravel()))
    nodes.append(helper.make_node("LSTM", [name, f"W{k}", f"R{k}", f"B{k}"], [f"all{k}", f"last{k}"], hidden_size=hidden))
    nodes.append(helper.make_node("Squeeze", [f"all{k}", "one"], [f"h{k}"]))  # steps x rows x cells
    name = f"h{k}"
constants.append(helper.make_tensor("one", TensorProto.INT64, [1], [1]))
shape = lambda n: helper.make_tensor_value_info(n, TensorProto.FLOAT, ["a", "b", "c"])
graph = helper.make_graph(nodes, "lstm", [shape("x")], [shape("h0"), shape("h1"), shape("last0"), shape("last1")], constants)
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
onnx.checker.check_model(model)
session = onnxruntime.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
h0, h1, last0, last1 = session.run(None, {"x": x.transpose(1, 0, 2)})
flat = lambda a: [float("%.9g" % v) for v in np.asarray(a).ravel()]
json.dump({"recipe": "gen_lstm.py", "onnxruntime": onnxruntime.__version__, "sizes": sizes, "steps": steps, "x": flat(x),
           "weights": [flat(w) for w in weights], "all": [flat(h.transpose(1, 0, 2)) for h in (h0, h1)],
           "last": [flat(h) for h in (last0, last1)]}, sys.stdout, indent=None, separators=(",", ":"))
