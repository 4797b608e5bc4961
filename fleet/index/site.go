package index

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// Site is what the index knows of one site: how fresh and how complete its rows are. It is part of every answer.
type Site struct {
	// ID is the id of the site's Rancher cluster.
	ID string `json:"id"`
	// Name is the name that people gave the site, or its id.
	Name string `json:"name"`
	// Connected says whether the site answers now.
	Connected bool `json:"connected"`
	// Synced says whether the rows follow the site now.
	Synced bool `json:"synced"`
	// Complete says whether every object of the site has a row. It stays while the site is away.
	Complete bool `json:"complete"`
	// LastHeard is when the site last answered; zero if it never did.
	LastHeard time.Time `json:"lastHeard,omitzero"`
	// Full says that the hub's disk is, so that the rows stay as they were.
	Full bool `json:"full,omitempty"`
	// Epoch is that of the cursors that Synced and Complete are about. A site whose rows went with an older file is neither.
	Epoch int `json:"-"`
	// Message says in a sentence what is wrong, and is empty when nothing is.
	Message string `json:"message"`
}

// Stale says whether the site's rows may differ from the site.
func (s Site) Stale() bool {
	return !s.Connected || !s.Synced
}

// Sites are all sites, by name.
func (x *Index) Sites() []Site {
	all := x.sites.all()
	for i := range all {
		all[i] = x.heard(all[i])
	}
	return all
}

// Site finds a site by its id.
func (x *Index) Site(id string) (Site, bool) {
	site, ok := x.sites.site(id)
	return x.heard(site), ok
}

// SetSite records what is known of a site. Only what a person would call news is told to subscribers: that a site was
// heard again is not.
func (x *Index) SetSite(ctx context.Context, site Site) error {
	x.turn.Lock()
	defer x.turn.Unlock()
	if site.Epoch != x.epoch && (site.Synced || site.Complete) {
		site.Synced, site.Complete, site.Message = false, false, "The index was begun anew, and the site is being listed."
	}
	before, known := x.Site(site.ID)
	document, err := json.Marshal(site)
	if err != nil {
		return fmt.Errorf("site %s: %w", site.ID, err)
	}
	// Memory first: where the disk is full, people are to be told all the more that rows are stale.
	x.sites.put(site)
	err = x.settle(ctx, x.writeSite(ctx, site, string(document), !known || before.Name != site.Name))
	before.LastHeard = site.LastHeard
	if told := err == nil || errors.Is(err, ErrFull); told && (!known || before != site) {
		x.feed.publish([]Event{{Type: FreshnessType, Key: Key{Site: site.ID}, Revision: x.Revision(), Created: !known}})
	}
	if err != nil {
		return fmt.Errorf("site %s: %w", site.ID, err)
	}
	return nil
}

func (x *Index) writeSite(ctx context.Context, site Site, document string, renamed bool) error {
	tx, err := x.write.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // after Commit there is nothing to roll back
	if _, err := tx.ExecContext(ctx, "INSERT OR REPLACE INTO site (id, document) VALUES (?, ?)", site.ID, document); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	if renamed {
		for _, table := range x.tables {
			table.Rename(site.ID, x.nameOf(site.ID))
		}
	}
	return nil
}

// RemoveSite forgets a site and everything it had. Subscribers are told of each row; whoever comes back later with a
// cursor from before reads everything again.
func (x *Index) RemoveSite(ctx context.Context, id string) error {
	x.turn.Lock()
	defer x.turn.Unlock()
	events, err := x.removeInTurn(ctx, id)
	if err := x.settle(ctx, err); err != nil {
		return fmt.Errorf("remove site %s: %w", id, err)
	}
	x.sites.remove(id)
	events = append(events, Event{Type: FreshnessType, Key: Key{Site: id}, Revision: x.Revision(), Removed: true})
	x.feed.publish(events)
	return nil
}

func (x *Index) removeInTurn(ctx context.Context, id string) ([]Event, error) {
	tx, err := x.write.BeginTx(ctx, nil)
	if err != nil {
		return nil, err
	}
	defer tx.Rollback() //nolint:errcheck // after Commit there is nothing to roll back
	seq := x.seq.last + 1
	var events []Event
	for _, t := range x.types {
		removed, err := removeRows(ctx, tx, t, id, seq)
		if err != nil {
			return nil, err
		}
		events = append(events, removed...)
	}
	for _, table := range []string{"cursor", "waiting", "gone"} {
		if _, err := tx.ExecContext(ctx, "DELETE FROM "+table+" WHERE site = ?", id); err != nil {
			return nil, err
		}
	}
	if _, err := tx.ExecContext(ctx, "DELETE FROM site WHERE id = ?", id); err != nil {
		return nil, err
	}
	if _, err := tx.ExecContext(ctx, "INSERT INTO gone (seq, type, site, namespace, name) VALUES (?, ?, '', '', '')", seq, floorType); err != nil {
		return nil, err
	}
	if err := tx.Commit(); err != nil {
		return nil, err
	}
	for _, table := range x.tables {
		table.RemoveSite(id)
	}
	x.seq.last = seq
	x.seq.seen.Store(seq)
	return events, nil
}

// removeRows deletes a site's rows of one type and says which they were.
func removeRows(ctx context.Context, tx *sql.Tx, t *Type, site string, seq int64) ([]Event, error) {
	rows, err := tx.QueryContext(ctx, "DELETE FROM "+t.table()+" WHERE site = ? RETURNING id, namespace, name", site)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var events []Event
	for rows.Next() {
		event := Event{Type: t.Name, Key: Key{Site: site}, Revision: seq, Removed: true}
		if err := rows.Scan(&event.Row, &event.Key.Namespace, &event.Key.Name); err != nil {
			return nil, err
		}
		event.Was = event.Row
		events = append(events, event)
	}
	return events, rows.Err()
}

// loadSites reads the sites of the file. None of them is connected until it answers.
func (x *Index) loadSites(ctx context.Context) error {
	rows, err := x.write.QueryContext(ctx, "SELECT document FROM site")
	if err != nil {
		return err
	}
	defer rows.Close()
	x.sites.clear()
	for rows.Next() {
		var document string
		var site Site
		if err := rows.Scan(&document); err != nil {
			return err
		}
		if err := json.Unmarshal([]byte(document), &site); err != nil {
			return err
		}
		site.Connected, site.Synced, site.Message = false, false, "The hub has just started and has not reached the site yet."
		x.sites.put(site)
	}
	return rows.Err()
}

// keepSites writes the sites that are known into a new file. Their rows are gone, so none of them is complete.
func (x *Index) keepSites(ctx context.Context, sites []Site) error {
	for _, site := range sites {
		site.Synced, site.Complete = false, false
		document, err := json.Marshal(site)
		if err != nil {
			return err
		}
		if err := x.writeSite(ctx, site, string(document), false); err != nil {
			return err
		}
		x.sites.put(site)
	}
	return nil
}
