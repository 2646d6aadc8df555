// Command program runs the demo as every experiment is run.
package main

import (
	"flowbook/reports"
	"flowbook/reports/testdata/demo"
)

func main() { reports.Main(demo.Sources, demo.Run, demo.Options) }
