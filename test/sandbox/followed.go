package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
)

// followed waits until the hub has the site's rows: a page without them is none, and
// a hub that is refused by the site is found here and not by every test.
func (s *sandbox) followed(ctx context.Context, p plane, gate *gate) error {
	if !s.has("hub") {
		return nil
	}
	if err := eventually(ctx, p.Name+": be followed by the hub", func(ctx context.Context) error {
		var list struct{ Data []followedSite }
		if err := gate.hub.do(ctx, http.MethodGet, "/v1/croft/sites", nil, &list); err != nil {
			return err
		}
		for _, site := range list.Data {
			if site.Name == p.Name {
				return site.lacks()
			}
		}
		return fmt.Errorf("it is not among %d sites", len(list.Data))
	}); err != nil {
		return err
	}
	p.say("followed by the hub")
	return nil
}

// followedSite is the part of the hub's Site that says how well it is followed.
type followedSite struct {
	Name       string
	Conditions []struct{ Type, Status, Message string }
}

// lacks says what keeps a site from being connected and synced.
func (s followedSite) lacks() error {
	met := 0
	for _, condition := range s.Conditions {
		if condition.Type != "Connected" && condition.Type != "Synced" {
			continue
		}
		if condition.Status != "True" {
			return fmt.Errorf("%s is %s: %s", condition.Type, condition.Status, condition.Message)
		}
		met++
	}
	if met < 2 {
		return errors.New("the hub has not looked at it yet")
	}
	return nil
}
