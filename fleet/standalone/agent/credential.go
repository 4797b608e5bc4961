package agent

import (
	"fmt"
	"os"
	"strings"

	"k8s.io/client-go/rest"
)

// ownToken is the token of the agent's service account, read anew each time
// because the kubelet renews it.
func ownToken(config *rest.Config) (string, error) {
	if config.BearerTokenFile != "" {
		content, err := os.ReadFile(config.BearerTokenFile)
		if err != nil {
			return "", fmt.Errorf("read the service account's token: %w", err)
		}

		return strings.TrimSpace(string(content)), nil
	}

	if config.BearerToken == "" {
		return "", errNoToken
	}

	return config.BearerToken, nil
}

// ownAuthority is what signs the site's API server.
func ownAuthority(config *rest.Config) ([]byte, error) {
	if len(config.CAData) > 0 || config.CAFile == "" {
		return config.CAData, nil
	}

	content, err := os.ReadFile(config.CAFile)
	if err != nil {
		return nil, fmt.Errorf("read the authority of the site's API server: %w", err)
	}

	return content, nil
}
