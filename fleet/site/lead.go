package site

// Lead has this replica of the hub write the Site objects. Every replica follows the sites, keeps rows and serves; one
// alone writes what all would write alike. A fleet that nobody told otherwise leads.
func (f *Fleet) Lead() { f.turn(false) }

// Follow has this replica take the Site objects as another writes them.
func (f *Fleet) Follow() { f.turn(true) }

// turn changes sides, and has every site looked at.
func (f *Fleet) turn(follows bool) {
	if f.follows.Swap(follows) == follows {
		return
	}
	f.lock.Lock()
	told := f.changed
	f.lock.Unlock()
	if told == nil {
		return
	}
	for _, site := range f.Index.Sites() {
		told(site.ID)
	}
}
