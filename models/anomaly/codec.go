package anomaly

import (
	"slices"

	"flowbook/internal/table"
	"flowbook/models/internal/wire"
)

// Kinds says how the fitted models of this package are read back. The components of a
// Reconstruction have kinds of their own, in decompose.
func Kinds() wire.Kinds {
	return wire.Merge(alarmKinds(), autoencoderKinds(), forestKinds(), lofKinds(), reconstructionKinds(), robustZKinds())
}

func alarmKinds() wire.Kinds {
	return wire.Kinds{"anomaly.Watch": loadWatch, "anomaly.sentry": loadSentry}
}

// Kind names the saved form.
func (w *Watch) Kind() string { return "anomaly.Watch" }

// Schema lists the columns that the detector reads; nil if it cannot be saved.
func (w *Watch) Schema() table.Schema {
	if d, ok := w.model.(wire.Described); ok {
		return d.Schema()
	}
	return nil
}

// Save appends the threshold and the detector's model.
func (w *Watch) Save(to *wire.Writer) {
	to.Float(w.rate)
	to.Int(w.rows)
	to.Float(w.threshold)
	to.Float(w.middle)
	to.Nested(w.model)
}

func loadWatch(r *wire.Reader) any {
	w := &Watch{rate: r.Finite(), rows: r.Int(2, 1<<62), threshold: r.Finite(), middle: r.Finite()}
	r.Check(w.rate > 0 && w.rate < 1 && w.middle <= w.threshold, "anomaly: rate %v, threshold %v, median %v", w.rate, w.threshold, w.middle)
	m, ok := r.Nested().(Model)
	r.Check(ok, "anomaly: an alarm on what is no detector")
	w.model = m
	return w
}

// Kind names the saved form.
func (s *sentry) Kind() string { return "anomaly.sentry" }

// Schema lists the columns that the detector reads.
func (s *sentry) Schema() table.Schema { return s.watch.Schema() }

// Save appends the classes and the alarm.
func (s *sentry) Save(w *wire.Writer) {
	w.Strings(s.classes)
	w.Int(s.normal)
	w.Floats(s.shares)
	w.Nested(s.watch)
}

func loadSentry(r *wire.Reader) any {
	classes := r.Classes()
	normal, shares := r.Int(0, max(0, len(classes)-1)), r.Finites()
	if !r.Check(len(classes) >= 2 && len(shares) == len(classes) && shares[normal] == 0, "anomaly: %d shares of %d classes", len(shares), len(classes)) {
		return nil
	}
	sum := 0.0
	for _, v := range shares {
		sum += v
	}
	r.Check(slices.Min(shares) >= 0 && sum > 1-1e-9 && sum < 1+1e-9, "anomaly: shares %v; want some that add up to 1", shares)
	w, ok := r.Nested().(*Watch)
	if !r.Check(ok, "anomaly: a classifier without an alarm") {
		return nil
	}
	return newSentry(classes, normal, shares, w)
}
