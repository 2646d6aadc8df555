package f32

//go:noescape
func repel(z, fx, fy, x, y *float32, lanes int, bodies *Body, n int)

// repelFast does whole registers of points and returns how many points that were.
func repelFast(z, fx, fy, x, y []float32, bodies []Body) int {
	n := len(x) / lane
	if n > 0 {
		repel(&z[0], &fx[0], &fy[0], &x[0], &y[0], n, &bodies[0], len(bodies))
	}
	return n * lane
}

//go:noescape
func repelFar(z, fx, fy, x, y *float32, lanes int, clusters *Cluster, n int)

func repelFarFast(z, fx, fy, x, y []float32, clusters []Cluster) int {
	n := len(x) / lane
	if n > 0 {
		repelFar(&z[0], &fx[0], &fy[0], &x[0], &y[0], n, &clusters[0], len(clusters))
	}
	return n * lane
}
