package management

import (
	"encoding/json"
	"fmt"
	"slices"
)

// GroupsOf takes from a UserAttribute, as JSON, the groups in which the user's providers say that he is, such as
// github_team://42. Rancher puts them on whatever the user asks of a cluster. The fields' names are Rancher's.
func GroupsOf(attribute []byte) ([]string, error) {
	var kept struct {
		GroupPrincipals map[string]struct {
			Items []struct {
				Metadata struct {
					Name string `json:"name"`
				} `json:"metadata"`
			}
		}
	}

	if err := json.Unmarshal(attribute, &kept); err != nil {
		return nil, fmt.Errorf("read the attributes of a user: %w", err)
	}

	var groups []string

	for _, provider := range kept.GroupPrincipals {
		for _, principal := range provider.Items {
			if principal.Metadata.Name != "" {
				groups = append(groups, principal.Metadata.Name)
			}
		}
	}

	slices.Sort(groups)

	return slices.Compact(groups), nil
}
