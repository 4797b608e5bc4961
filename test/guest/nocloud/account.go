package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// defaultUser is the image's own user, as "debian" or "ubuntu" is elsewhere.
// Keys and the password at the top of user-data are its and root's.
const defaultUser = "croft"

// accounts are the users that the seed asks for, the default user first unless
// the list of users leaves it out.
func accounts(data userData) []user {
	own := user{
		Name:              defaultUser,
		SSHAuthorizedKeys: data.SSHAuthorizedKeys,
		PlainTextPassword: data.Password,
		Sudo:              true,
	}
	root := user{Name: "root", SSHAuthorizedKeys: data.SSHAuthorizedKeys}
	all := []user{own, root}
	for _, u := range data.Users {
		switch u.Name {
		case "", "default":
		case defaultUser:
			all[0].SSHAuthorizedKeys = append(all[0].SSHAuthorizedKeys, u.SSHAuthorizedKeys...)
			all[0].PlainTextPassword = firstOf(u.PlainTextPassword, all[0].PlainTextPassword)
			all[0].HashedPassword = u.HashedPassword
		default:
			u.SSHAuthorizedKeys = append(u.SSHAuthorizedKeys, data.SSHAuthorizedKeys...)
			all = append(all, u)
		}
	}
	for name, password := range passwords(data.ChPasswd) {
		for i := range all {
			if all[i].Name == name {
				all[i].PlainTextPassword = password
			}
		}
	}
	return all
}

// passwords reads both spellings of chpasswd.
func passwords(c chPasswd) map[string]string {
	found := map[string]string{}
	for _, line := range lines(c.List) {
		if name, password, ok := strings.Cut(line, ":"); ok {
			found[strings.TrimSpace(name)] = password
		}
	}
	for _, u := range c.Users {
		found[u.Name] = u.Password
	}
	return found
}

func lines(list any) []string {
	switch list := list.(type) {
	case string:
		return strings.Split(list, "\n")
	case []any:
		var all []string
		for _, line := range list {
			all = append(all, fmt.Sprint(line))
		}
		return all
	}
	return nil
}

func firstOf(words ...string) string {
	for _, word := range words {
		if word != "" {
			return word
		}
	}
	return ""
}

// addAccount makes the user unless there is one of that name, and sets its
// keys, password and right to use sudo.
func addAccount(u user) error {
	home, err := ensureAccount(u)
	if err != nil {
		return fmt.Errorf("user %s: %w", u.Name, err)
	}
	if len(u.SSHAuthorizedKeys) > 0 {
		if err := writeKeys(u, home); err != nil {
			return fmt.Errorf("user %s: %w", u.Name, err)
		}
	}
	hash := u.HashedPassword
	if u.PlainTextPassword != "" {
		if hash, err = hashed(u.PlainTextPassword); err != nil {
			return fmt.Errorf("user %s: %w", u.Name, err)
		}
	}
	if hash != "" {
		if err := setField("/etc/shadow", u.Name, 1, hash); err != nil {
			return err
		}
	}
	if u.Sudo != nil && u.Sudo != false {
		return appendLine("/etc/sudoers", u.Name)
	}
	return nil
}

func ensureAccount(u user) (home string, err error) {
	fields, next, err := passwd(u.Name)
	if err != nil {
		return "", err
	}
	if fields != nil {
		return fields[5], nil
	}
	home = "/home/" + u.Name
	shell := u.Shell
	if _, err := os.Stat(shell); err != nil {
		shell = "/bin/sh" // The guest has no other, whatever was asked for.
	}
	id := strconv.Itoa(next)
	for file, line := range map[string]string{
		"/etc/passwd": strings.Join([]string{u.Name, "x", id, id, u.Name, home, shell}, ":"),
		"/etc/group":  strings.Join([]string{u.Name, "x", id, ""}, ":"),
		"/etc/shadow": u.Name + ":*:19000:0:99999:7:::",
	} {
		if err := appendLine(file, line); err != nil {
			return "", err
		}
	}
	if err := os.MkdirAll(home, 0o755); err != nil {
		return "", err
	}
	return home, os.Chown(home, next, next)
}

// passwd finds a user's line, or the next free id.
func passwd(name string) (fields []string, next int, err error) {
	content, err := os.ReadFile("/etc/passwd")
	if err != nil {
		return nil, 0, err
	}
	next = 1000
	for line := range strings.Lines(string(content)) {
		fields := strings.Split(strings.TrimSpace(line), ":")
		if len(fields) != 7 {
			continue
		}
		if fields[0] == name {
			return fields, 0, nil
		}
		if id, err := strconv.Atoi(fields[2]); err == nil && id >= next && id < 60000 {
			next = id + 1
		}
	}
	return nil, next, nil
}

func writeKeys(u user, home string) error {
	fields, _, err := passwd(u.Name)
	if err != nil {
		return err
	}
	uid, err := strconv.Atoi(fields[2])
	if err != nil {
		return err
	}
	dir := filepath.Join(home, ".ssh")
	file := filepath.Join(dir, "authorized_keys")
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return err
	}
	if err := os.Chown(dir, uid, uid); err != nil {
		return err
	}
	for _, key := range u.SSHAuthorizedKeys {
		if err := appendLine(file, strings.TrimSpace(key)); err != nil {
			return err
		}
	}
	if err := os.Chmod(file, 0o600); err != nil {
		return err
	}
	return os.Chown(file, uid, uid)
}

// appendLine adds a line to a file that does not have it yet.
func appendLine(file, line string) error {
	content, err := os.ReadFile(file)
	if err != nil && !os.IsNotExist(err) {
		return err
	}
	if slices.Contains(strings.Split(string(content), "\n"), line) {
		return nil
	}
	f, err := os.OpenFile(file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	if _, err := f.WriteString(line + "\n"); err != nil {
		f.Close()
		return err
	}
	return f.Close()
}

// setField changes one field of a name's line in a file like /etc/shadow.
func setField(file, name string, field int, value string) error {
	content, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	all := strings.Split(string(content), "\n")
	for i, line := range all {
		if fields := strings.Split(line, ":"); fields[0] == name && len(fields) > field {
			fields[field] = value
			all[i] = strings.Join(fields, ":")
		}
	}
	return os.WriteFile(file, []byte(strings.Join(all, "\n")), 0o600)
}
