package v1beta1

import (
	"encoding/json"
	"errors"
)

// HTTPProxy is the value of the setting http-proxy: through whom the outside is reached.
//
// +kubebuilder:object:generate=false
type HTTPProxy struct {
	// httpProxy is the URL of the proxy for http; empty: none.
	HTTP string `json:"httpProxy"`
	// httpsProxy is the URL of the proxy for https; empty: none.
	HTTPS string `json:"httpsProxy"`
	// noProxy are hosts, domains and networks that are reached without a proxy, separated by commas.
	No string `json:"noProxy"`
}

// ParseHTTPProxy reads the setting. Empty, as by default, means no proxy.
func ParseHTTPProxy(value string) (HTTPProxy, error) {
	var read HTTPProxy
	if value == "" {
		return read, nil
	}
	if err := json.Unmarshal([]byte(value), &read); err != nil {
		return HTTPProxy{}, errors.New(`must be a JSON object such as {"httpProxy":"http://proxy:3128","httpsProxy":"http://proxy:3128","noProxy":".example.org"}`)
	}
	return read, nil
}

// None says whether the outside is reached without a proxy.
func (p HTTPProxy) None() bool { return p.HTTP == "" && p.HTTPS == "" }
