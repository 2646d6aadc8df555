package layers

import (
	"math"
	"math/rand/v2"

	"flowbook/models/internal/f32"
)

// LSTM reads a row as Steps times In numbers, the oldest first, and keeps a memory c of
// Hidden cells from step to step [1], which a gate can clear [2]:
//
//	i, f, o = σ(x·Wx + h·Wh + b)    input, forget and output gate, in this order
//	g       = tanh(x·Wx + h·Wh + b)  behind them: Wx is In × 4 Hidden, Wh Hidden × 4 Hidden
//	c ← f c + i g
//	h ← o tanh c
//
// with c = h = 0 before the first step. It answers with the last h, or with the h of
// every step, step by step, if All is set: another LSTM can read that. The derivatives
// go back through all steps, without truncation.
//
// A pass works step by step on all of its rows: sums of products are matrix products,
// σ z is (1 + tanh(z/2))/2, with the half taken of the weights. Training keeps 7 Hidden
// numbers a row and step.
//
// [1] Hochreiter, Schmidhuber (1997), Neural Computation 9(8), 1735-1780. [2] Gers,
// Schmidhuber, Cummins (2000), Neural Computation 12(10), 2451-2471, equations 2 to 9.
type LSTM struct {
	Steps, In, Hidden int
	All               bool
}

func (l LSTM) Size() (int, int) {
	if l.All {
		return l.Steps * l.In, l.Steps * l.Hidden
	}
	return l.Steps * l.In, l.Hidden
}

func (l LSTM) Weights() (int, int) {
	sums := (l.In + l.Hidden) * 4 * l.Hidden
	return sums + 4*l.Hidden, sums
}

// Init draws the weights of Wx and Wh uniformly from ±√(6/(fan-in + Hidden)), as Affine
// does for each gate. Biases are 0, but those of the forget gate 1: a net that begins by
// forgetting learns slowly what lies far back [1].
//
// [1] Gers, Schmidhuber, Cummins (2000), section 4; Jozefowicz, Zaremba, Sutskever
// (2015), ICML, section 2.2.
func (l LSTM) Init(w []float32, random *rand.Rand) {
	wide := 4 * l.Hidden
	for i := range w[:(l.In+l.Hidden)*wide] {
		in := l.In
		if i >= l.In*wide {
			in = l.Hidden
		}
		w[i] = float32((2*random.Float64() - 1) * math.Sqrt(6/float64(in+l.Hidden)))
	}
	bias := w[(l.In+l.Hidden)*wide:]
	clear(bias)
	for j := l.Hidden; j < 2*l.Hidden; j++ {
		bias[j] = 1
	}
}

func (l LSTM) split(w []float32) (wx, wh f32.Matrix, bias []float32) {
	wide := 4 * l.Hidden
	return f32.Of(w, l.In, wide), f32.Of(w[l.In*wide:], l.Hidden, wide), w[(l.In+l.Hidden)*wide:]
}

// trail is what n rows leave behind on their way through the steps: step after step,
// row after row. Cells and hidden begin with the zeros before the first step.
type trail struct {
	gates  []float32 // Steps × n × 4 Hidden: after σ and tanh; on the way back the derivatives by the sums
	cells  []float32 // (Steps + 1) × n × Hidden
	hidden []float32 // (Steps + 1) × n × Hidden
	bent   []float32 // Steps × n × Hidden: tanh c
	back   []float32 // n × Hidden: derivatives by h
	kept   []float32 // n × Hidden: derivatives by c
	turned []float32 // 4 Hidden × the larger of Hidden and In: a transpose
	halved []float32 // the weights, of the gates half of them
}

func (l LSTM) trail(p *Pass) trail {
	step := p.N * l.Hidden
	var t trail
	parts := []struct {
		to   *[]float32
		size int
	}{
		{&t.cells, (l.Steps + 1) * step}, {&t.hidden, (l.Steps + 1) * step}, {&t.gates, 4 * l.Steps * step}, {&t.bent, l.Steps * step},
		{&t.back, step}, {&t.kept, step}, {&t.turned, 4 * l.Hidden * max(l.Hidden, l.In)}, {&t.halved, len(p.W)},
	}
	total := 0
	for _, part := range parts {
		total += part.size
	}
	all := p.spared(total)
	for _, part := range parts {
		*part.to, all = all[:part.size], all[part.size:]
	}
	return t
}

// at is the numbers of one step.
func at(x []float32, step, size int) []float32 { return x[step*size : (step+1)*size] }

// inputs is what the rows of x, n × Steps × In, hold for one step.
func (l LSTM) inputs(x []float32, n, step int) f32.Matrix {
	return f32.Matrix{Rows: n, Cols: l.In, Stride: l.Steps * l.In, Data: x[step*l.In:]}
}

func (l LSTM) Forward(p *Pass) {
	h, wide := l.Hidden, 4*l.Hidden
	t, size := l.trail(p), p.N*h
	wx, wh, bias := l.split(halve(t.halved, p.W, 3*h, wide))
	clear(t.cells[:size])
	clear(t.hidden[:size])
	for s := range l.Steps {
		gates := at(t.gates, s, 4*size)
		for i := range p.N {
			copy(gates[i*wide:], bias)
		}
		f32.MulAdd(f32.Of(gates, p.N, wide), l.inputs(p.X, p.N, s), wx)
		f32.MulAdd(f32.Of(gates, p.N, wide), f32.Of(at(t.hidden, s, size), p.N, h), wh)
		cells, hidden, bent := at(t.cells, s+1, size), at(t.hidden, s+1, size), at(t.bent, s, size)
		f32.Tanh(gates, gates)
		for i := range p.N {
			remember(cells[i*h:(i+1)*h], at(t.cells, s, size)[i*h:(i+1)*h], gates[i*wide:(i+1)*wide])
		}
		f32.Tanh(bent, cells)
		for i := range p.N {
			out := gates[i*wide+2*h : i*wide+3*h]
			line := hidden[i*h : (i+1)*h]
			for j, v := range bent[i*h : (i+1)*h] {
				line[j] = out[j] * v
			}
			if l.All {
				copy(p.Y[(i*l.Steps+s)*h:], line)
			}
		}
	}
	if !l.All {
		copy(p.Y, at(t.hidden, l.Steps, size))
	}
}

// halve writes w to to, line by line of wide numbers, of which the first gates are
// halved: exactly, so that sums of them are the halves of sums.
func halve(to, w []float32, gates, wide int) []float32 {
	copy(to, w)
	for lo := 0; lo < len(to); lo += wide {
		for i := range to[lo : lo+gates] {
			to[lo+i] *= 0.5
		}
	}
	return to
}

// remember finishes the gates of a row, whose tanh is taken, and writes its new cells.
func remember(cells, before, gates []float32) {
	h := len(cells)
	before = before[:h]
	in, forget, out, fresh := gates[:h], gates[h:2*h], gates[2*h:3*h], gates[3*h:4*h]
	for j := range cells {
		i, f := (1+in[j])/2, (1+forget[j])/2
		in[j], forget[j], out[j] = i, f, (1+out[j])/2
		cells[j] = float32(f*before[j]) + float32(i*fresh[j])
	}
}

func (l LSTM) Backward(p *Pass) {
	h, wide := l.Hidden, 4*l.Hidden
	wx, wh, _ := l.split(p.W)
	gx, gh, bias := l.split(p.G)
	t, size := l.trail(p), p.N*h
	clear(t.kept)
	clear(t.back)
	if !l.All {
		copy(t.back, p.DY)
	}
	turned := f32.Of(t.turned, wide, h)
	f32.Transpose(turned, wh)
	for s := l.Steps - 1; s >= 0; s-- {
		gates := at(t.gates, s, 4*size)
		for i := range p.N {
			lo, hi := i*h, (i+1)*h
			back := t.back[lo:hi]
			if l.All {
				f32.Axpy(back, 1, p.DY[(i*l.Steps+s)*h:(i*l.Steps+s+1)*h])
			}
			recall(back, t.kept[lo:hi], gates[i*wide:(i+1)*wide], at(t.cells, s, size)[lo:hi], at(t.bent, s, size)[lo:hi])
		}
		sums := f32.Of(gates, p.N, wide)
		f32.MulAddT(gx, l.inputs(p.X, p.N, s), sums)
		if s > 0 { // what stands before the first step is 0 and has no weights behind it
			clear(t.back)
			f32.MulAdd(f32.Of(t.back, p.N, h), sums, turned)
		}
	}
	f32.MulAddT(gh, f32.Of(t.hidden, l.Steps*p.N, h), f32.Of(t.gates, l.Steps*p.N, wide))
	addRows(bias, t.gates)
	if p.DX == nil {
		return
	}
	turned = f32.Of(t.turned, wide, l.In)
	f32.Transpose(turned, wx)
	clear(p.DX)
	for s := range l.Steps {
		f32.MulAdd(l.inputs(p.DX, p.N, s), f32.Of(at(t.gates, s, 4*size), p.N, wide), turned)
	}
}

// recall turns the gates of a row and step into the derivatives by their sums, given
// those by h and by c, and takes the latter one step back.
func recall(dh, dc, gates, before, bent []float32) {
	h := len(dh)
	dc, before, bent = dc[:h], before[:h], bent[:h]
	in, forget, out, fresh := gates[:h], gates[h:2*h], gates[2*h:3*h], gates[3*h:4*h]
	for j, d := range dh {
		i, f, o, g, b := in[j], forget[j], out[j], fresh[j], bent[j]
		c := dc[j] + float32(float32(d*o)*(1-float32(b*b)))
		in[j] = float32(c*g) * float32(i*(1-i))
		forget[j] = float32(c*before[j]) * float32(f*(1-f))
		out[j] = float32(d*b) * float32(o*(1-o))
		fresh[j] = float32(c*i) * (1 - float32(g*g))
		dc[j] = c * f
	}
}
