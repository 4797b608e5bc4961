package guestcluster

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

	"crofthci.io/croft/fleet/index"
	"crofthci.io/croft/fleet/index/rights"
)

// most is how many nodes of a cluster, and how many machines of its name, are looked at.
const most = 1000

// nodes are those of a cluster that a caller may list in the hub.
func (s *Server) nodes(req *http.Request, who rights.User, cluster index.Key) ([]Node, error) {
	query, err := index.Parse(Nodes, asked("guestCluster", cluster.Name, url.Values{"sort": {"name"}}))
	if err != nil {
		return nil, err
	}
	query.Scope = s.Access.Scope(who, Nodes, nil).Only(cluster.Namespace)
	page, err := s.Access.Index.List(req.Context(), query)
	if err != nil {
		return nil, err
	}
	var nodes []Node
	for _, entry := range page.Entries {
		// A scope of single names is not narrowed to a namespace.
		if entry.Key.Namespace != cluster.Namespace {
			continue
		}
		node := Node{ID: entry.Key.ID()}
		if err := json.Unmarshal(entry.Document, &node); err != nil {
			return nil, err
		}
		nodes = append(nodes, node)
	}
	return nodes, nil
}

// machines are those that a caller may list at the sites and that say that they are the cluster's.
func (s *Server) machines(req *http.Request, who rights.User, cluster string) ([]Machine, error) {
	query, err := index.Parse(s.Machines, asked("guestCluster", cluster, url.Values{"sort": {"name"}}))
	if err != nil {
		return nil, err
	}
	sites := s.Access.Visible(who)
	query.Scope = s.Access.Scope(who, s.Machines, sites)
	hidden := s.Access.Hidden(who, s.Machines, sites, query.Scope)
	for _, guard := range hidden {
		query.Hide(guard)
	}
	page, err := s.Access.Index.List(req.Context(), query)
	if err != nil {
		return nil, err
	}
	names := map[string]index.Site{}
	for _, site := range sites {
		names[site.ID] = site
	}
	machines := make([]Machine, 0, len(page.Entries))
	for _, entry := range page.Entries {
		machine := Machine{}
		if err := json.Unmarshal(entry.Document, &machine); err != nil {
			return nil, err
		}
		site := names[entry.Key.Site]
		machine.ID, machine.SiteName, machine.Stale = entry.Key.ID(), site.Name, site.Stale()
		if len(hidden) > 0 {
			machine.Addresses = nil
		}
		machines = append(machines, machine)
	}
	return machines, nil
}

// asked is a query for rows whose column has a value. The value stands in quotes, so that it is nothing but a value.
func asked(column, value string, more url.Values) url.Values {
	more.Set("filter", fmt.Sprintf("%s=%q", column, value))
	more.Set("pagesize", strconv.Itoa(most))
	return more
}
