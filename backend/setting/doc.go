// Package setting is the knobs of a site: which names there are, what each is while nobody sets it, and which values it
// takes. README.md beside this file is the page for people.
//
// The sub-package configure makes the objects and says what became of a value; admission refuses wrong ones. Who acts on
// a setting reads it himself (harvesterv1.Setting.Effective). Begin reading with All.
package setting
