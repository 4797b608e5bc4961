package chart_test

import (
	"encoding/xml"
	"strings"
	"testing"

	"crofthci.io/croft/test/bench/chart"
)

func TestDraw(t *testing.T) {
	cases := map[string]struct {
		reason string
		chart  chart.Chart
		want   []string
	}{
		"Curves":    {"each has its name and its points", chart.Chart{Title: "a < b", Lines: []chart.Line{{Name: "one", Points: [][2]float64{{1000, 2}, {10000, 3}}}, {Name: "two", Points: [][2]float64{{1000, 5}}}}}, []string{"a &lt; b", ">one<", ">two<", ">1,000<", ">10,000<", "prefers-color-scheme:dark"}},
		"Powers":    {"small and large are both seen", chart.Chart{Logarithmic: true, Lines: []chart.Line{{Points: [][2]float64{{1, 0.5}, {100, 900}}}}}, []string{">0.1<", ">1,000<"}},
		"OnePoint":  {"a scale needs no width", chart.Chart{Lines: []chart.Line{{Name: "one", Points: [][2]float64{{5, 5}}}}}, []string{"<circle"}},
		"NoPoint":   {"nothing is no error", chart.Chart{Lines: []chart.Line{{Name: "one"}}}, []string{"<svg"}},
		"NoPointUp": {"nor in powers of ten", chart.Chart{Logarithmic: true}, []string{"<svg"}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			text := chart.Draw(tc.chart)
			if err := xml.Unmarshal([]byte(text), new(any)); err != nil {
				t.Errorf("%s: the picture is no XML: %v", tc.reason, err)
			}
			for _, want := range tc.want {
				if !strings.Contains(text, want) {
					t.Errorf("%s: there is no %q in %s", tc.reason, want, text)
				}
			}
			if strings.Contains(text, "NaN") || strings.Contains(text, "Inf") {
				t.Errorf("%s: a place is no number: %s", tc.reason, text)
			}
		})
	}
}
