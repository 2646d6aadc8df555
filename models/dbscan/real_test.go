package dbscan

import (
	"context"
	"encoding/binary"
	"hash/crc32"
	"testing"

	"flowbook/datasets/nslkdd/nslkddtest"
	"flowbook/internal/table"
	"flowbook/models/encode"
)

// encoded is KDDTrain+ one-hot and scaled to [0, 1]: 122 columns.
func encoded(t testing.TB) table.View {
	t.Helper()
	v := nslkddtest.View(t, "KDDTrain+")
	steps, err := encode.Pipeline(encode.OneHot{}, encode.MinMax{}).Fit(context.Background(), v)
	if err != nil {
		t.Fatal(err)
	}
	rows, err := steps.Transform(context.Background(), v)
	if err != nil {
		t.Fatal(err)
	}
	return rows.View()
}

func first(n int) []int {
	rows := make([]int, n)
	for i := range rows {
		rows[i] = i
	}
	return rows
}

// scikit-learn's labels of the first 20,000 rows of KDDTrain+ (testdata/gen_kdd.py), to
// the row: clusters, borders and noise.
func TestKDD(t *testing.T) {
	r := fit(t, Config{Eps: 0.5}, encoded(t).Take(first(20000)))
	var labels, core []byte
	noisy := 0
	for i, l := range r.Labels {
		labels = binary.LittleEndian.AppendUint32(labels, uint32(int32(l)))
		if l == noise {
			noisy++
		}
		if r.Core[i] {
			core = binary.LittleEndian.AppendUint32(core, uint32(i))
		}
	}
	if r.K != 182 || noisy != 670 || len(core) != 4*19164 {
		t.Errorf("%d clusters, %d rows of noise, %d core; want 182, 670, 19164", r.K, noisy, len(core)/4)
	}
	if a, b := crc32.ChecksumIEEE(labels), crc32.ChecksumIEEE(core); a != 3229072007 || b != 3262473569 {
		t.Errorf("sums %d of the labels and %d of the core rows; want 3229072007 and 3262473569", a, b)
	}
}
