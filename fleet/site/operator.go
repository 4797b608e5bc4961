package site

import (
	"encoding/json"
	"fmt"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"

	"crofthci.io/croft/fleet/index"
)

// operator is something that runs machines at a site and says of itself how it is.
type operator struct {
	name, path string
}

// operators are those whose word counts for a site's health.
var operators = []operator{
	{"KubeVirt", "/apis/kubevirt.io/v1/kubevirts"},
	{"CDI", "/apis/cdi.kubevirt.io/v1beta1/cdis"},
}

// complaints are what an operator says against itself. That it is being upgraded is none.
func (o operator) complaints(list []byte) ([]string, error) {
	var read struct {
		Items []struct {
			Status struct {
				Conditions []metav1.Condition `json:"conditions"`
			} `json:"status"`
		} `json:"items"`
	}
	if err := json.Unmarshal(list, &read); err != nil {
		return nil, fmt.Errorf("read how %s is: %w", o.name, err)
	}
	var all []string
	for _, item := range read.Items {
		for _, condition := range item.Status.Conditions {
			switch {
			case condition.Type == "Available" && condition.Status == metav1.ConditionFalse:
				all = append(all, o.sentence("is not available", condition.Message))
			case condition.Type == "Degraded" && condition.Status == metav1.ConditionTrue:
				all = append(all, o.sentence("is degraded", condition.Message))
			}
		}
	}
	return all[:min(len(all), 4)], nil
}

func (o operator) sentence(how, why string) string {
	if why = strings.TrimRight(index.Long(why), ". "); why == "" {
		return o.name + " " + how + "."
	}
	return o.name + " " + how + ": " + why + "."
}
