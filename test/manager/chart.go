package manager

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"

	admissionregistrationv1 "k8s.io/api/admissionregistration/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/yaml"
)

// called is how the chart of a site has the API server call a webhook: for what, of whom, and when.
type called struct {
	ClientConfig struct {
		Service struct {
			Path string `json:"path"`
		} `json:"service"`
	} `json:"clientConfig"`
	Rules           []admissionregistrationv1.RuleWithOperations `json:"rules"`
	MatchConditions []admissionregistrationv1.MatchCondition     `json:"matchConditions"`
	ObjectSelector  *metav1.LabelSelector                        `json:"objectSelector"`
	MatchPolicy     *admissionregistrationv1.MatchPolicyType     `json:"matchPolicy"`
	FailurePolicy   *admissionregistrationv1.FailurePolicyType   `json:"failurePolicy"`
}

// shipped is how the chart calls the webhook of a path. A test that had it called for everything would hold what no site does.
func shipped(path string) (called, error) {
	_, here, _, _ := runtime.Caller(0) // a server under test may have another folder as its own
	text, err := os.ReadFile(filepath.Join(filepath.Dir(here), "..", "..", "backend", "testdata", "chart.golden.yaml"))
	if err != nil {
		return called{}, err
	}
	documents := yaml.NewYAMLOrJSONDecoder(bytes.NewReader(text), len(text))
	for {
		var configuration struct {
			Webhooks []called `json:"webhooks"`
		}
		if err := documents.Decode(&configuration); errors.Is(err, io.EOF) {
			return called{}, fmt.Errorf("the chart calls no webhook %s", path)
		} else if err != nil {
			return called{}, err
		}
		for _, hook := range configuration.Webhooks {
			if hook.ClientConfig.Service.Path == path {
				return hook, nil
			}
		}
	}
}
