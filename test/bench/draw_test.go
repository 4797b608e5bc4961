package bench

import (
	"cmp"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"crofthci.io/croft/test/bench/chart"
)

// draw writes the curves of what was measured: what a page costs as machines and sites grow, and beside Steve.
func draw(b testing.TB, folder string, m measured, peer theirs, grown []measured) {
	b.Helper()
	if len(grown) > 1 {
		drawGrowth(b, folder, m, grown)
	}
	if len(peer.pages) > 0 {
		save(b, folder, "hub-pages.svg", beside(m, peer))
	}
}

// drawGrowth draws machines at as many sites, and sites with as many machines in all.
func drawGrowth(b testing.TB, folder string, m measured, grown []measured) {
	b.Helper()
	rows := chart.Chart{Title: "A page of 100 machines, 100 sites", Across: "machines", Up: "processor time, ms"}
	sites := chart.Chart{Title: "A page of 100 of 10,000 machines", Across: "sites", Up: "processor time, ms"}
	for _, i := range curves {
		rows.Lines = append(rows.Lines, curve(grown, i, func(g measured) (float64, bool) { return float64(g.machines()), g.spec.Sites == m.spec.Sites }))
		sites.Lines = append(sites.Lines, curve(grown, i, func(g measured) (float64, bool) {
			return float64(g.spec.Sites), g.machines() == m.machines()/10
		}))
	}
	save(b, folder, "hub-rows.svg", rows)
	save(b, folder, "hub-sites.svg", sites)
}

// curve is one question over hubs that are chosen, from small to large.
func curve(grown []measured, question int, choose func(measured) (float64, bool)) chart.Line {
	line := chart.Line{Name: questions[question].name}
	for _, g := range grown {
		if x, ok := choose(g); ok {
			line.Points = append(line.Points, [2]float64{x, ms(g.pages[question].cpu)})
		}
	}
	slices.SortFunc(line.Points, func(a, b [2]float64) int { return cmp.Compare(a[0], b[0]) })
	return line
}

// beside is each question, the cheapest of Steve's first, in the hub's time and in Steve's.
func beside(m measured, peer theirs) chart.Chart {
	type pair struct{ ours, theirs float64 }
	var pairs []pair
	for i, q := range questions {
		if other, ok := peer.pages[q.name]; ok {
			pairs = append(pairs, pair{ms(m.pages[i].cpu), ms(other.cpu)})
		}
	}
	slices.SortFunc(pairs, func(a, b pair) int { return cmp.Compare(a.theirs, b.theirs) })
	c := chart.Chart{
		Title: "The same questions to the hub and to Steve's SQL cache", Across: "question, the cheapest for Steve first",
		Up: "processor time of a page of 100, ms", Logarithmic: true,
		Lines: []chart.Line{{Name: "Steve"}, {Name: "hub"}},
	}
	for i, each := range pairs {
		c.Lines[0].Points = append(c.Lines[0].Points, [2]float64{float64(i + 1), each.theirs})
		c.Lines[1].Points = append(c.Lines[1].Points, [2]float64{float64(i + 1), each.ours})
	}
	return c
}

func save(b testing.TB, folder, name string, c chart.Chart) {
	b.Helper()
	if err := os.WriteFile(filepath.Join(folder, name), []byte(chart.Draw(c)), 0o644); err != nil { //nolint:gosec // a picture for everybody
		b.Fatal(err)
	}
}
