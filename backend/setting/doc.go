// Package setting is the knobs of a site: which names there are, what each is while nobody sets it, and which values it
// takes. README.md beside this file is the page for people.
//
// The sub-package configure makes the objects and says what became of a value; admission refuses wrong ones; migration,
// registration, entrust, defaultclass and loglevel act on those that are no other capability's. Who else acts on a setting reads it
// himself (harvesterv1.Setting.Effective). Begin reading with All; forms.go has the values that are JSON.
package setting
