package eval

import (
	"fmt"
	"math"
	"reflect"
	"strings"
)

// printAll writes a value with its floats as bits, so that two prints are equal
// if and only if the values are.
func printAll(b *strings.Builder, v reflect.Value) {
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			fmt.Fprintf(b, "%s ", v.Type().Field(i).Name)
			printAll(b, v.Field(i))
		}
	case reflect.Slice:
		fmt.Fprintf(b, "[%d ", v.Len())
		for i := range v.Len() {
			printAll(b, v.Index(i))
		}
	case reflect.Float64:
		fmt.Fprintf(b, "%x ", math.Float64bits(v.Float()))
	default:
		fmt.Fprintf(b, "%v ", v)
	}
}
