package main

import (
	"context"
	"math"
	"slices"
	"testing"

	"flowbook/internal/table"
)

// connections is three rows with just the columns that the features are made of.
func connections(name string, services ...string) *table.Table {
	numbers := func(v ...float64) []float64 { return v }
	columns := []table.Column{table.Text("service", services)}
	for _, c := range []struct {
		name   string
		values []float64
	}{
		{"src_bytes", numbers(0, 300, 5)}, {"dst_bytes", numbers(0, 99, 0)}, {"duration", numbers(0, 3, 1)}, {"count", numbers(4, 10, 1)},
		{"serror_rate", numbers(0.5, 0, 1)}, {"dst_host_serror_rate", numbers(0.25, 0.5, 1)},
		{"rerror_rate", numbers(0.5, 0.2, 0)}, {"dst_host_rerror_rate", numbers(1, 0.5, 0)},
	} {
		columns = append(columns, table.Float(c.name, "", c.values))
	}
	return table.Must(table.New(name, append(columns, table.Text("class", []string{"a", "b", "a"}).As(table.Label))...))
}

// The features by hand, and the share of a service from the training rows alone.
func TestEngineer(t *testing.T) {
	train, later := connections("train", "http", "smtp", "http"), connections("later", "http", "ecr_i", "gopher")
	step, err := engineer(groups).Fit(context.Background(), train.View())
	if err != nil {
		t.Fatal(err)
	}
	made, err := step.Transform(context.Background(), later.View())
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string][]float64{
		"sent_share":       {0, 300. / 400, 5. / 6},
		"log_ratio":        {0, math.Log(301. / 100), math.Log(6)},
		"bytes_per_second": {0, 399. / 4, 2.5},
		"log_src_bytes":    {0, math.Log(301), math.Log(6)},
		"log_dst_bytes":    {0, math.Log(100), 0},
		"log_duration":     {0, math.Log(4), math.Log(2)},
		"serror_both":      {0.125, 0, 1},
		"rerror_both":      {0.5, 0.1, 0},
		"serror_change":    {0.25, -0.5, 0},
		"rerror_change":    {-0.5, -0.3, 0},
		"failed":           {4, 2, 1},
		"service_share":    {2. / 3, 0, 0},
	} {
		got := made.View().Floats(name)
		for i := range want {
			if !(math.Abs(got[i]-want[i]) <= 1e-12) {
				t.Errorf("%s is %v, want %v", name, got, want)
				break
			}
		}
	}
	if got, want := made.View().Strings("service_group"), []string{"web", "icmp", "web"}; !slices.Equal(got, want) {
		t.Errorf("service groups %v, want %v", got, want)
	}
	features := 0
	for _, g := range groups {
		features += len(g.features)
	}
	if n := len(made.View().Features()); n != 9+features {
		t.Errorf("%d features, want the 9 that were there and %d", n, features)
	}
	if !slices.Equal(made.View().Floats("src_bytes"), later.View().Floats("src_bytes")) {
		t.Error("a feature that was there has changed")
	}

	// A row alone, and rows in another order, get the same features.
	alone, err := step.Transform(context.Background(), later.View().Take([]int{1}))
	if err != nil || alone.View().Floats("log_ratio")[0] != made.View().Floats("log_ratio")[1] || alone.View().Floats("service_share")[0] != 0 {
		t.Errorf("row 1 alone differs, %v", err)
	}
	one, err := engineer(groups[:1]).Fit(context.Background(), train.View())
	if err != nil {
		t.Fatal(err)
	}
	if few, err := one.Transform(context.Background(), later.View()); err != nil || len(few.View().Features()) != 9+3 {
		t.Errorf("one group adds %v, %v", few.View().Features(), err)
	}
	if _, err := engineer(groups).Fit(context.Background(), table.Seal(train).Describe("try")); err == nil {
		t.Error("a sealed table is learnt from")
	}
}

// A service of each family; what belongs to none is "other".
func TestServiceGroups(t *testing.T) {
	for service, want := range map[string]string{"http": "web", "pop_3": "mail", "ftp_data": "file", "telnet": "login", "domain_u": "name", "ecr_i": "icmp", "private": "private", "other": "other", "bgp": "other", "": "other"} {
		if got := serviceGroup(service); got != want {
			t.Errorf("%s is of %s, want %s", service, got, want)
		}
	}
}
