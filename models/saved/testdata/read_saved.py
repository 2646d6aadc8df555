#!/usr/bin/env python3
"""Reads a model saved by flowbook, as FORMAT.md describes it: checks lengths and the
checksum, prints the header and the self-test as JSON. Needs nothing but Python 3.

    python3 read_saved.py model.flowbook

Of the model itself it can read kind and length, and all of a baseline.constant.
"""
import hashlib
import json
import struct
import sys

MAGIC = b"\x89FBM\r\n\x1a\n"


class Reader:
    def __init__(self, b):
        self.b, self.at = b, 0

    def take(self, n):
        if n > len(self.b) - self.at:
            raise ValueError("%d bytes wanted, %d left" % (n, len(self.b) - self.at))
        self.at += n
        return self.b[self.at - n:self.at]

    def number(self, form):  # one little-endian number of struct's form
        return struct.unpack("<" + form, self.take(struct.calcsize("<" + form)))[0]

    def list(self, form):
        n = self.number("Q")
        return list(struct.unpack("<%d%s" % (n, form), self.take(n * struct.calcsize("<" + form))))

    def bytes(self):
        return self.take(self.number("Q"))

    def text(self):
        return self.bytes().decode("utf-8", "replace")

    def texts(self):
        return [self.text() for _ in range(self.number("Q"))]

    def schema(self):
        return [{"name": self.text(), "kind": ["float", "int", "code", "time"][self.number("B")], "unit": self.text(), "levels": self.texts()}
                for _ in range(self.number("Q"))]


def parts(b):
    if len(b) < 40 + 32 or not b.startswith(MAGIC):
        raise ValueError("not a saved model")
    if hashlib.sha256(b[:-32]).digest() != b[-32:]:
        raise ValueError("the checksum differs: the file is damaged or was altered")
    version, reserved, *lengths = struct.unpack("<IIQQQ", b[8:40])
    if version != 1 or reserved != 0:
        raise ValueError("format %d is not known here" % version)
    if 40 + sum(lengths) + 32 != len(b):
        raise ValueError("lengths do not add up")
    out, at = [], 40
    for n in lengths:
        out.append(b[at:at + n])
        at += n
    return out


def model(b):
    r = Reader(b)
    out = {"kind": r.text(), "bytes": r.number("Q")}
    if out["kind"] == "baseline.constant":
        out.update(classes=r.texts(), shares=r.list("d"), schema=r.schema())
    return out


def self_test(b, header):
    r = Reader(b)
    rows, columns = r.number("Q"), {}
    for f in header["features"]:
        form = {"float": "d", "int": "q", "time": "q", "code": "i"}[f["kind"]]
        values = r.list(form)
        if f["kind"] == "code":  # -1: a level that training did not know; 0: missing
            names = ["?", None] + f.get("levels", [])
            values = [names[c + 1] for c in values]
        columns[f["name"]] = [None if v != v else v for v in values]
    k = len(header.get("classes") or [0])
    scores = r.list("d")
    if r.at != len(b) or len(scores) != rows * k:
        raise ValueError("the self-test has another size")
    return {"rows": rows, "columns": columns, "scores": [scores[i * k:(i + 1) * k] for i in range(rows)]}


if __name__ == "__main__":
    with open(sys.argv[1], "rb") as f:
        head, body, test = parts(f.read())
    head = json.loads(head)
    print(json.dumps({"header": head, "model": model(body), "test": self_test(test, head)}))
