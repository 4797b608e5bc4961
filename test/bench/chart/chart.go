// Package chart draws curves as SVG: a few lines over a logarithmic abscissa, readable on light and on dark ground, because
// its colours follow the reader's scheme. Begin reading at Draw.
package chart

import (
	"fmt"
	"html"
	"math"
	"strings"
)

// Chart is one picture.
type Chart struct {
	// Title, Across and Up say what is seen.
	Title, Across, Up string
	// Logarithmic says that the ordinate counts in powers of ten, as the abscissa always does.
	Logarithmic bool
	// Lines are the curves, eight at most.
	Lines []Line
}

// Line is one curve.
type Line struct {
	// Name stands beside its end.
	Name string
	// Points are abscissa and ordinate, both above zero.
	Points [][2]float64
}

// The picture's size and the margins around its axes.
const (
	width, height            = 860, 440
	left, right, top, bottom = 70, 230, 50, 60
)

// colours are told apart by those too who see no red or green.
var colours = []string{"#0072b2", "#d55e00", "#009e73", "#cc79a7", "#b58900", "#56b4e9", "#7f7f7f", "#8c564b"}

const style = `<style>
text{font:13px system-ui,sans-serif;fill:#24292f}.title{font-size:16px;font-weight:600}.grid{stroke:#d0d7de}
@media (prefers-color-scheme:dark){text{fill:#e6edf3}.grid{stroke:#3d444d}}
</style>`

// Draw writes the picture.
func Draw(c Chart) string {
	var b strings.Builder
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" role="img" aria-label="%s">`, width, height, width, html.EscapeString(c.Title))
	b.WriteString(style)
	words(&b, left, 24, "start", "title", c.Title)
	x, y := c.scales()
	for _, tick := range ticks(x, true) {
		at := x.place(tick)
		fmt.Fprintf(&b, `<line class="grid" x1="%.1f" y1="%d" x2="%.1f" y2="%d"/>`, at, top, at, height-bottom)
		words(&b, at, height-bottom+20, "middle", "", short(tick))
	}
	for _, tick := range ticks(y, c.Logarithmic) {
		at := y.place(tick)
		fmt.Fprintf(&b, `<line class="grid" x1="%d" y1="%.1f" x2="%d" y2="%.1f"/>`, left, at, width-right, at)
		words(&b, left-8, at+4, "end", "", short(tick))
	}
	words(&b, (left+width-right)/2, height-14, "middle", "", c.Across)
	words(&b, left, top-8, "start", "", c.Up)
	free := float64(0)
	for i, line := range c.Lines {
		free = line.draw(&b, colours[i%len(colours)], x, y, free)
	}
	b.WriteString("</svg>\n")
	return b.String()
}

// draw draws one curve, and its name beside its end where the names before leave room.
func (l Line) draw(b *strings.Builder, colour string, x, y scale, free float64) float64 {
	if len(l.Points) == 0 {
		return free
	}
	var points []string
	for _, point := range l.Points {
		points = append(points, fmt.Sprintf("%.1f,%.1f", x.place(point[0]), y.place(point[1])))
		fmt.Fprintf(b, `<circle cx="%.1f" cy="%.1f" r="4" fill="%s"/>`, x.place(point[0]), y.place(point[1]), colour)
	}
	fmt.Fprintf(b, `<polyline fill="none" stroke="%s" stroke-width="2" points="%s"/>`, colour, strings.Join(points, " "))
	at := max(free+18, top+10)
	fmt.Fprintf(b, `<rect x="%d" y="%.1f" width="12" height="12" fill="%s"/>`, width-right+24, at-11, colour)
	words(b, width-right+42, at, "start", "", l.Name)
	return at
}

func words(b *strings.Builder, x, y float64, anchor, class, text string) {
	fmt.Fprintf(b, `<text x="%.1f" y="%.1f" text-anchor="%s" class="%s">%s</text>`, x, y, anchor, class, html.EscapeString(text))
}

// scale takes a value to its place.
type scale struct {
	low, high   float64
	from, to    float64
	logarithmic bool
}

func (s scale) place(value float64) float64 {
	low, high := s.low, s.high
	if s.logarithmic {
		low, high, value = math.Log10(low), math.Log10(high), math.Log10(value)
	}
	return s.from + (value-low)/(high-low)*(s.to-s.from)
}

// scales hold all points.
func (c Chart) scales() (x, y scale) {
	x = scale{low: math.Inf(1), from: left, to: width - right, logarithmic: true}
	y = scale{low: math.Inf(1), from: height - bottom, to: top, logarithmic: c.Logarithmic}
	for _, line := range c.Lines {
		for _, point := range line.Points {
			x.low, x.high = min(x.low, point[0]), max(x.high, point[0])
			y.low, y.high = min(y.low, point[1]), max(y.high, point[1])
		}
	}
	if x.low >= x.high {
		x.low, x.high = 1, 10
	}
	if c.Logarithmic {
		y.low, y.high = math.Pow(10, math.Floor(math.Log10(y.low))), math.Pow(10, math.Ceil(math.Log10(y.high)))
	} else {
		y.low, y.high = 0, y.high*1.1
	}
	if !(y.low < y.high) { //nolint:staticcheck // NaN is not below either
		y.low, y.high = 1, 10
	}
	return x, y
}

// ticks are the values that have a line of the grid.
func ticks(s scale, logarithmic bool) []float64 {
	var all []float64
	if logarithmic {
		for tick := math.Pow(10, math.Ceil(math.Log10(s.low)-1e-9)); tick <= s.high*1.0001; tick *= 10 {
			all = append(all, tick)
		}
		return all
	}
	step := math.Pow(10, math.Floor(math.Log10(s.high)))
	for s.high/step < 4 {
		step /= 2
	}
	for tick := s.low; tick <= s.high; tick += step {
		all = append(all, tick)
	}
	return all
}

// short is a number as people write it.
func short(value float64) string {
	if value >= 1e6 {
		return fmt.Sprintf("%g M", value/1e6)
	}
	if value >= 1e3 {
		return fmt.Sprintf("%g,000", value/1e3)
	}
	return fmt.Sprintf("%.4g", value)
}
