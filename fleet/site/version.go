package site

import (
	"context"
	"encoding/json"
	"fmt"
)

// versionSetting is where a site says which version it is.
const versionSetting = "/apis/harvesterhci.io/v1beta1/settings/server-version"

// readVersion reads the site's setting server-version: its value or, while nobody set one, its default.
func readVersion(ctx context.Context, from reader) (string, error) {
	text, err := from.Read(ctx, versionSetting)
	if err != nil {
		return "", fmt.Errorf("read the site's version: %w", err)
	}
	var setting struct {
		Value   string `json:"value"`
		Default string `json:"default"`
	}
	if err := json.Unmarshal(text, &setting); err != nil {
		return "", fmt.Errorf("read the site's version: %w", err)
	}
	if setting.Value == "" {
		setting.Value = setting.Default
	}
	if len(setting.Value) > 253 {
		return "", fmt.Errorf("the site's version has %d bytes", len(setting.Value))
	}
	return setting.Value, nil
}
