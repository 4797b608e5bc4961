package registration

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"time"

	fleetv1 "crofthci.io/croft/pkg/apis/fleet/v1alpha1"
	"crofthci.io/croft/pkg/rancher/management"
)

// noteLife writes on a cluster from when to when its agent's token is good, so that it is reported before it ends without
// anybody reading the token again. A token that says nothing of an end has none.
func noteLife(cluster *management.Cluster, token string) {
	issued, expires := life(token)
	note(cluster, fleetv1.AnnotationAgentTokenIssued, issued)
	note(cluster, fleetv1.AnnotationAgentTokenExpires, expires)
}

func note(cluster *management.Cluster, key string, when time.Time) {
	if when.IsZero() {
		delete(cluster.Annotations, key)

		return
	}

	if cluster.Annotations == nil {
		cluster.Annotations = map[string]string{}
	}

	cluster.Annotations[key] = when.UTC().Format(time.RFC3339)
}

// life reads a service account's token, which is a JWT. Whether it is genuine is for the site's API server to say; an
// agent that lies here is warned of a wrong day.
func life(token string) (issued, expires time.Time) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return time.Time{}, time.Time{}
	}

	content, err := base64.RawURLEncoding.DecodeString(parts[1])
	if err != nil {
		return time.Time{}, time.Time{}
	}

	var claims struct {
		IssuedAt int64 `json:"iat"`
		Expires  int64 `json:"exp"`
	}
	if json.Unmarshal(content, &claims) != nil || claims.Expires <= 0 || claims.Expires > latest {
		return time.Time{}, time.Time{}
	}

	if claims.IssuedAt > 0 && claims.IssuedAt < claims.Expires {
		issued = time.Unix(claims.IssuedAt, 0)
	}

	return issued, time.Unix(claims.Expires, 0)
}

// latest is the last second of the year 9999, beyond which no date can be written.
const latest = 253402300799
