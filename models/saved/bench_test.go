package saved

import (
	"bytes"
	"context"
	"fmt"
	"testing"

	"flowbook/models/histtree"
	"flowbook/models/neighbors"
)

// BenchmarkRead opens files of two sorts: many small nodes, and many rows.
func BenchmarkRead(b *testing.B) {
	for _, e := range []example{{"forest", histtree.Forest{Trees: 50}, 3}, {"neighbours", neighbors.KNN{}, 3}} {
		whole := e.write(b, 20000)
		b.Run(fmt.Sprintf("%s/bytes=%d", e.name, len(whole)), func(b *testing.B) {
			b.ReportAllocs()
			b.SetBytes(int64(len(whole)))
			for b.Loop() {
				if _, err := Read(context.Background(), "bench", whole); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkWrite saves them, which reads them back as well.
func BenchmarkWrite(b *testing.B) {
	e := example{"forest", histtree.Forest{Trees: 50}, 3}
	m, v := e.fit(b, 20000), e.train(20000)
	b.ReportAllocs()
	for b.Loop() {
		var out bytes.Buffer
		if err := Write(context.Background(), &out, m, Provenance{}, v); err != nil {
			b.Fatal(err)
		}
	}
}
