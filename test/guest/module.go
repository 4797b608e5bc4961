package main

import (
	"bytes"
	"debug/elf"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"
)

// modules are a kernel's loadable modules: where each lies, by its name with
// underscores.
type modules map[string]string

// findModules looks through a kernel package's files.
func findModules(root string) (modules, error) {
	found := modules{}
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if name, ok := strings.CutSuffix(filepath.Base(path), ".ko"); ok && err == nil {
			found[underscored(name)] = path
		}
		return err
	})
	return found, err
}

func underscored(name string) string { return strings.ReplaceAll(name, "-", "_") }

// order lists the files of the modules and of all that they depend on, each
// after what it needs: the order in which insmod takes them.
func (m modules) order(names []string) ([]string, error) {
	var files []string
	for _, name := range names {
		file, ok := m[underscored(name)]
		if !ok {
			return nil, fmt.Errorf("the kernel has no module %s", name)
		}
		needs, err := dependsOn(file)
		if err != nil {
			return nil, err
		}
		before, err := m.order(needs)
		if err != nil {
			return nil, err
		}
		for _, file := range append(before, file) {
			if !slices.Contains(files, file) {
				files = append(files, file)
			}
		}
	}
	return files, nil
}

// dependsOn reads what depmod would: a module's own list of its needs.
func dependsOn(file string) ([]string, error) {
	module, err := elf.Open(file)
	if err != nil {
		return nil, err
	}
	defer module.Close()
	section := module.Section(".modinfo")
	if section == nil {
		return nil, fmt.Errorf("%s is no kernel module", file)
	}
	info, err := section.Data()
	if err != nil {
		return nil, err
	}
	for line := range bytes.SplitSeq(info, []byte{0}) {
		if list, ok := bytes.CutPrefix(line, []byte("depends=")); ok && len(list) > 0 {
			return strings.Split(string(list), ","), nil
		}
	}
	return nil, nil
}

// libraries lists the shared libraries that programs load, in turn, from the
// folder of libraries; the loader among them.
func libraries(dirs []string, programs ...string) (map[string]string, error) {
	found := map[string]string{}
	for len(programs) > 0 {
		program, err := elf.Open(programs[0])
		if err != nil {
			return nil, err
		}
		needed, err := program.ImportedLibraries()
		program.Close()
		if err != nil {
			return nil, err
		}
		programs = programs[1:]
		for _, name := range needed {
			if found[name] != "" {
				continue
			}
			file := firstFile(dirs, name)
			if file == "" {
				return nil, fmt.Errorf("no package of the recipe holds the library %s", name)
			}
			found[name] = file
			programs = append(programs, file)
		}
	}
	return found, nil
}

func firstFile(dirs []string, name string) string {
	for _, dir := range dirs {
		if file := filepath.Join(dir, name); fileExists(file) {
			return file
		}
	}
	return ""
}
