// Package metrics tells what a machine has used in the last hour, by the site's Prometheus, which knows what KubeVirt counts.
// It asks of one machine alone, so that who may read a machine needs no right to the Prometheus of all. Whether he may is
// his link's to ask. Begin reading at Of; queries.json has the questions.
package metrics

import (
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/types"
)

// queries are the questions by their measures, about a machine NAME in NAMESPACE.
//
//go:embed queries.json
var queries []byte

const (
	// stretch is how far back is looked, and step how far apart the moments are.
	stretch = time.Hour
	step    = time.Minute
	// patience is for the whole answer, which has about 400 numbers.
	patience = 10 * time.Second
	longest  = 1 << 20
	// measure is the label by which the measures of one answer are told apart.
	measure = "measure"
)

// Usage is what a machine has used.
type Usage struct {
	// Points are moments, the oldest first, a minute apart.
	Points []Point `json:"points"`
}

// Point is one moment. What is not known of it is absent.
type Point struct {
	// At is in milliseconds since 1970.
	At int64 `json:"at"`
	// Values are cpu in cores, memory in bytes, and read, written, received and sent in bytes a second.
	Values map[string]float64 `json:"values"`
}

// Machine is whose usage is asked for.
type Machine struct {
	types.NamespacedName
	// Since is when it was made: what its name has used before was another machine's.
	Since time.Time
}

// answer is what Prometheus says of a stretch of time.
type answer struct {
	Data struct {
		Result []struct {
			Metric map[string]string
			Values [][2]any
		}
	}
}

// Of asks the Prometheus at a URL what a machine has used up to now. Who cannot be asked is not available (503).
func Of(ctx context.Context, prometheus string, machine Machine, now time.Time) (*Usage, error) {
	if prometheus == "" {
		return nil, apierrors.NewServiceUnavailable("No Prometheus is known at this site.")
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	said, err := ask(ctx, prometheus, machine, now)
	if err != nil {
		return nil, apierrors.NewServiceUnavailable(fmt.Sprintf("The site's Prometheus does not answer: %v.", err))
	}
	return &Usage{Points: said.points()}, nil
}

func ask(ctx context.Context, prometheus string, machine Machine, now time.Time) (answer, error) {
	end := now.Truncate(step)
	start := end.Add(-stretch)
	if start.Before(machine.Since) {
		start = machine.Since.Truncate(step).Add(step)
	}
	if start.After(end) {
		return answer{}, nil
	}
	query, err := question(machine.NamespacedName)
	if err != nil {
		return answer{}, err
	}
	target := strings.TrimSuffix(prometheus, "/") + "/api/v1/query_range?" + url.Values{
		"query": {query}, "start": {strconv.FormatInt(start.Unix(), 10)}, "end": {strconv.FormatInt(end.Unix(), 10)}, "step": {strconv.Itoa(int(step.Seconds()))},
	}.Encode()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, target, http.NoBody)
	if err != nil {
		return answer{}, err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		// The whole question is of no use to whoever reads that nobody answers.
		if tried := (*url.Error)(nil); errors.As(err, &tried) {
			err = tried.Err
		}
		return answer{}, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return answer{}, fmt.Errorf("it says %s", response.Status)
	}
	said := answer{}
	err = json.NewDecoder(io.LimitReader(response.Body, longest)).Decode(&said)
	return said, err
}

// question is one for all measures. Names of Kubernetes have nothing in them that would have to be quoted.
func question(machine types.NamespacedName) (string, error) {
	all := map[string]string{}
	if err := json.Unmarshal(queries, &all); err != nil {
		return "", fmt.Errorf("read the questions: %w", err)
	}
	named := strings.NewReplacer("NAMESPACE", machine.Namespace, "NAME", machine.Name)
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(all)) {
		parts = append(parts, fmt.Sprintf("label_replace(%s, %q, %q, \"\", \"\")", named.Replace(all[name]), measure, name))
	}
	return strings.Join(parts, " or "), nil
}

// points are the moments of an answer. What is no number is not known.
func (a answer) points() []Point {
	moments := map[int64]map[string]float64{}
	for _, series := range a.Data.Result {
		for _, pair := range series.Values {
			seconds, is := pair[0].(float64)
			text, said := pair[1].(string)
			value, err := strconv.ParseFloat(text, 64)
			if !is || !said || err != nil || math.IsNaN(value) || math.IsInf(value, 0) {
				continue
			}
			at := int64(seconds * 1000)
			if moments[at] == nil {
				moments[at] = map[string]float64{}
			}
			moments[at][series.Metric[measure]] = value
		}
	}
	points := []Point{}
	for _, at := range slices.Sorted(maps.Keys(moments)) {
		points = append(points, Point{At: at, Values: moments[at]})
	}
	return points
}
