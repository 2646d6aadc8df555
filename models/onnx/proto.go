package onnx

import (
	"encoding/binary"
	"math"
)

// message is a protobuf message being written: fields appended one after the other in
// the wire format [1], a tag (field number and type) before each value. ONNX needs
// three of its types: varints, bytes with a length, and messages, which are such bytes.
//
// [1] https://protobuf.dev/programming-guides/encoding
type message []byte

const (
	varint = 0
	length = 2
)

func (m *message) tag(field, kind int) { *m = binary.AppendUvarint(*m, uint64(field)<<3|uint64(kind)) }

// int writes a number; negative ones take ten bytes.
func (m *message) int(field int, v int64) {
	m.tag(field, varint)
	*m = binary.AppendUvarint(*m, uint64(v))
}

func (m *message) bytes(field int, b []byte) {
	m.tag(field, length)
	*m = binary.AppendUvarint(*m, uint64(len(b)))
	*m = append(*m, b...)
}

func (m *message) text(field int, s string)        { m.bytes(field, []byte(s)) }
func (m *message) message(field int, part message) { m.bytes(field, part) }

// Element types of a TensorProto, as onnx.proto numbers them.
const (
	typeUint8  = 2
	typeInt64  = 7
	typeString = 8
	typeDouble = 11
)

// tensor is a constant: doubles, int64, uint8 or strings in rows of dims.
func tensor(name string, dims []int, values any) message {
	var m message
	for _, d := range dims {
		m.int(1, int64(d))
	}
	var raw []byte
	switch v := values.(type) {
	case []float64:
		m.int(2, typeDouble)
		for _, x := range v {
			raw = binary.LittleEndian.AppendUint64(raw, math.Float64bits(x))
		}
	case []int64:
		m.int(2, typeInt64)
		for _, x := range v {
			raw = binary.LittleEndian.AppendUint64(raw, uint64(x))
		}
	case []uint8:
		m.int(2, typeUint8)
		raw = v
	case []string:
		m.int(2, typeString)
		for _, s := range v {
			m.text(6, s)
		}
	}
	if name != "" {
		m.text(8, name)
	}
	if raw != nil {
		m.bytes(9, raw)
	}
	return m
}

// attribute is a named constant of a node: int64, []int64, string, []string or a tensor.
func attribute(name string, value any) message {
	var m message
	m.text(1, name)
	switch v := value.(type) {
	case int64:
		m.int(3, v)
		m.int(20, 2)
	case message:
		m.message(5, v)
		m.int(20, 4)
	case []int64:
		for _, x := range v {
			m.int(8, x)
		}
		m.int(20, 7)
	case []string:
		for _, s := range v {
			m.text(9, s)
		}
		m.int(20, 8)
	}
	return m
}

// valueInfo names an input or output with its type and width; rows are free.
func valueInfo(name string, kind, width int) message {
	var rows, columns, shape, tensor, typ, m message
	rows.text(2, "rows")
	shape.message(1, rows)
	if width > 0 {
		columns.int(1, int64(width))
		shape.message(1, columns)
	}
	tensor.int(1, int64(kind))
	tensor.message(2, shape)
	typ.message(1, tensor)
	m.text(1, name)
	m.message(2, typ)
	return m
}
