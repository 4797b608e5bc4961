package site

import (
	"fmt"
	"strings"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/version"

	"crofthci.io/croft/fleet/index"
	fleetv1 "crofthci.io/croft/pkg/apis/fleet/v1alpha1"
)

// oldest is the oldest version of the Harvester API that Croft works with.
var oldest = version.MustParseGeneric("1.3.0")

// connected says whether the hub reaches the site.
func connected(site index.Site) metav1.Condition {
	if site.Connected {
		return condition(fleetv1.ConditionConnected, metav1.ConditionTrue, fleetv1.ReasonReachable, "The site answers.")
	}
	return condition(fleetv1.ConditionConnected, metav1.ConditionFalse, fleetv1.ReasonUnreachable, site.Message)
}

// synced says whether the rows follow the site.
func synced(site index.Site) metav1.Condition {
	switch {
	case site.Full:
		return condition(fleetv1.ConditionSynced, metav1.ConditionFalse, fleetv1.ReasonHubDiskFull, site.Message)
	case site.Synced && site.Complete:
		return condition(fleetv1.ConditionSynced, metav1.ConditionTrue, fleetv1.ReasonWatching, "Everything is being watched.")
	case site.Synced:
		return condition(fleetv1.ConditionSynced, metav1.ConditionFalse, fleetv1.ReasonIncomplete, site.Message)
	case site.Complete:
		return condition(fleetv1.ConditionSynced, metav1.ConditionFalse, fleetv1.ReasonInterrupted, site.Message)
	default:
		return condition(fleetv1.ConditionSynced, metav1.ConditionFalse, fleetv1.ReasonListing, site.Message)
	}
}

// supported says whether Croft works with the site's version.
func supported(text string) metav1.Condition {
	if text == "" {
		return condition(fleetv1.ConditionVersionSupported, metav1.ConditionUnknown, fleetv1.ReasonUnknownVersion, "The site's setting server-version has not been read.")
	}
	have, err := version.ParseGeneric(text)
	if err != nil {
		return condition(fleetv1.ConditionVersionSupported, metav1.ConditionUnknown, fleetv1.ReasonUnknownVersion, fmt.Sprintf("%q cannot be compared with v%s.", text, oldest))
	}
	if have.LessThan(oldest) {
		return condition(fleetv1.ConditionVersionSupported, metav1.ConditionFalse, fleetv1.ReasonTooOld, fmt.Sprintf("The site is %s; Croft works with v%s and later. Upgrade the site.", text, oldest))
	}
	return condition(fleetv1.ConditionVersionSupported, metav1.ConditionTrue, fleetv1.ReasonSupported, fmt.Sprintf("The site is %s.", text))
}

// nodes are how many nodes a site has, and the names of some that are not ready.
type nodes struct {
	all, unready int
	names        []string
}

// healthy says whether the site itself is well. What is not followed now may be otherwise, so nobody knows.
func healthy(site index.Site, have nodes, complaints []string) metav1.Condition {
	unknown := func(reason, message string) metav1.Condition {
		return condition(fleetv1.ConditionHealthy, metav1.ConditionUnknown, reason, message)
	}
	switch {
	case site.Stale():
		return unknown(fleetv1.ReasonNotFollowed, "The site is not being followed now, so nobody knows.")
	case have.all == 0:
		return unknown(fleetv1.ReasonNoNodes, "No node of the site is known.")
	case have.unready > 0:
		message := fmt.Sprintf("%d of %d nodes are not ready: %s.", have.unready, have.all, strings.Join(have.names, ", "))
		if have.unready > len(have.names) {
			message = strings.TrimSuffix(message, ".") + " and others."
		}
		return condition(fleetv1.ConditionHealthy, metav1.ConditionFalse, fleetv1.ReasonNodesNotReady, message)
	case len(complaints) > 0:
		return condition(fleetv1.ConditionHealthy, metav1.ConditionFalse, fleetv1.ReasonComponentDegraded, strings.Join(complaints, " "))
	default:
		return condition(fleetv1.ConditionHealthy, metav1.ConditionTrue, fleetv1.ReasonHealthy, "All nodes are ready.")
	}
}

func condition(kind string, status metav1.ConditionStatus, reason, message string) metav1.Condition {
	return metav1.Condition{Type: kind, Status: status, Reason: reason, Message: message}
}

func messageOf(c *metav1.Condition) string {
	if c == nil {
		return ""
	}
	return c.Message
}
