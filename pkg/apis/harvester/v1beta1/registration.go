package v1beta1

import (
	"encoding/json"
	"errors"
	"net/url"
	"strings"
)

// Registration is the value of the setting cluster-registration-url: the manifest that joins this site to a Rancher.
//
// +kubebuilder:object:generate=false
type Registration struct {
	// url is where the manifest is; empty: the site is joined to none.
	URL string `json:"url"`
	// insecureSkipTLSVerify believes whoever answers there.
	InsecureSkipTLSVerify bool `json:"insecureSkipTLSVerify"`
}

// ParseRegistration reads the setting, also as it was before Harvester 1.8: the plain URL.
func ParseRegistration(value string) (Registration, error) {
	read := Registration{URL: strings.TrimSpace(value)}
	if strings.HasPrefix(read.URL, "{") || read.URL == "" {
		read = Registration{}
		if err := json.Unmarshal([]byte(value), &read); value != "" && err != nil {
			return Registration{}, errors.New(`must be a URL, or a JSON object such as {"url":"https://rancher/v3/import/….yaml","insecureSkipTLSVerify":false}`)
		}
	}
	if read.URL == "" {
		return read, nil
	}
	parsed, err := url.Parse(read.URL)
	if err != nil || parsed.Scheme != "https" && parsed.Scheme != "http" || parsed.Host == "" {
		return Registration{}, errors.New("url must be a URL with http or https and a host")
	}
	return read, nil
}
