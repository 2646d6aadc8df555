package main

import (
	"context"
	"fmt"
	"math"
	"slices"

	"flowbook/internal/table"
	"flowbook/models"
)

// group is engineered features that belong together.
type group struct {
	name     string
	features []feature
}

// feature is made from rows and from what the training rows say of services.
type feature struct {
	name, recipe string
	number       func(row values) float64
	category     func(service string) string // in place of number
}

// values reads a row by the names of its columns.
type values func(column string) float64

var groups = []group{
	{"byte ratios", []feature{
		{name: "sent_share", recipe: "src_bytes / (src_bytes + dst_bytes + 1)", number: func(v values) float64 { return v("src_bytes") / (v("src_bytes") + v("dst_bytes") + 1) }},
		{name: "log_ratio", recipe: "log((src_bytes + 1) / (dst_bytes + 1))", number: func(v values) float64 { return math.Log1p(v("src_bytes")) - math.Log1p(v("dst_bytes")) }},
		{name: "bytes_per_second", recipe: "(src_bytes + dst_bytes) / (duration + 1)", number: func(v values) float64 { return (v("src_bytes") + v("dst_bytes")) / (v("duration") + 1) }},
	}},
	{"log bytes", []feature{
		{name: "log_src_bytes", recipe: "log(1 + src_bytes)", number: func(v values) float64 { return math.Log1p(v("src_bytes")) }},
		{name: "log_dst_bytes", recipe: "log(1 + dst_bytes)", number: func(v values) float64 { return math.Log1p(v("dst_bytes")) }},
		{name: "log_duration", recipe: "log(1 + duration)", number: func(v values) float64 { return math.Log1p(v("duration")) }},
	}},
	{"error rates", []feature{
		{name: "serror_both", recipe: "serror_rate × dst_host_serror_rate", number: func(v values) float64 { return v("serror_rate") * v("dst_host_serror_rate") }},
		{name: "rerror_both", recipe: "rerror_rate × dst_host_rerror_rate", number: func(v values) float64 { return v("rerror_rate") * v("dst_host_rerror_rate") }},
		{name: "serror_change", recipe: "serror_rate - dst_host_serror_rate", number: func(v values) float64 { return v("serror_rate") - v("dst_host_serror_rate") }},
		{name: "rerror_change", recipe: "rerror_rate - dst_host_rerror_rate", number: func(v values) float64 { return v("rerror_rate") - v("dst_host_rerror_rate") }},
		{name: "failed", recipe: "count × (serror_rate + rerror_rate)", number: func(v values) float64 { return v("count") * (v("serror_rate") + v("rerror_rate")) }},
	}},
	{"service groups", []feature{
		{name: "service_group", recipe: "web, mail, file, login, name, icmp, private or other, by service", category: serviceGroup},
		{name: "service_share", recipe: "share of the training rows that have the service (0 for one that they lack)", number: func(v values) float64 { return v("service_share") }},
	}},
}

// serviceGroup is the family of a service.
func serviceGroup(service string) string {
	for _, f := range []struct {
		name     string
		services []string
	}{
		{"web", []string{"http", "http_443", "http_8001", "http_2784", "gopher", "aol"}},
		{"mail", []string{"smtp", "pop_2", "pop_3", "imap4", "mtp", "nntp", "nnsp"}},
		{"file", []string{"ftp", "ftp_data", "tftp_u", "uucp", "uucp_path", "sunrpc", "printer"}},
		{"login", []string{"telnet", "ssh", "login", "klogin", "kshell", "shell", "exec", "rje", "remote_job", "supdup", "X11"}},
		{"name", []string{"domain", "domain_u", "name", "hostnames", "whois", "finger", "auth", "netbios_ns", "ldap", "csnet_ns"}},
		{"icmp", []string{"eco_i", "ecr_i", "red_i", "tim_i", "urh_i", "urp_i"}},
		{"private", []string{"private"}},
	} {
		if slices.Contains(f.services, service) {
			return f.name
		}
	}
	return "other"
}

// engineer is a step that adds the features of groups to those that are there.
type engineer []group

func (engineer) Name() string { return "engineer" }

// Fit counts how common each service is.
func (e engineer) Fit(_ context.Context, train table.View) (models.Transformer, error) {
	if err := train.Unsealed(); err != nil {
		return nil, fmt.Errorf("engineer: %w", err)
	}
	rows := map[string]int{}
	for _, s := range train.Strings("service") {
		rows[s]++
	}
	return engineered{e, rows, train.Rows()}, nil
}

type engineered struct {
	groups  []group
	service map[string]int // training rows of each
	rows    int
}

// Transform returns the rows' features and the new ones.
func (e engineered) Transform(_ context.Context, rows table.View) (*table.Table, error) {
	columns, row := map[string][]float64{}, 0
	read := func(column string) float64 {
		if _, there := columns[column]; !there {
			columns[column] = rows.Floats(column)
		}
		return columns[column][row]
	}
	services := rows.Strings("service")
	columns["service_share"] = make([]float64, len(services))
	for i, s := range services {
		columns["service_share"][i] = float64(e.service[s]) / float64(e.rows)
	}
	var made []table.Column
	for _, g := range e.groups {
		for _, f := range g.features {
			if f.category != nil {
				text := make([]string, len(services))
				for i, s := range services {
					text[i] = f.category(s)
				}
				made = append(made, table.Text(f.name, text))
				continue
			}
			numbers := make([]float64, rows.Rows())
			for row = range numbers {
				numbers[row] = f.number(read)
			}
			made = append(made, table.Float(f.name, "", numbers))
		}
	}
	return rows.Materialize().With(made...)
}
