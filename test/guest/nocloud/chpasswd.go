package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
)

// chpasswd sets the passwords that stand on its input, a line of user:password
// each. The guest agent calls it, and busybox has none.
func chpasswd(input io.Reader) error {
	var wrong []error
	scanner := bufio.NewScanner(input)
	for scanner.Scan() {
		name, password, ok := strings.Cut(scanner.Text(), ":")
		if !ok {
			wrong = append(wrong, errors.New("a line is user:password"))
			continue
		}
		if err := setPassword(name, password); err != nil {
			wrong = append(wrong, err)
		}
	}
	return errors.Join(append(wrong, scanner.Err())...)
}

// setPassword gives a user that there is a password.
func setPassword(name, password string) error {
	fields, _, err := passwd(name)
	if err != nil {
		return err
	}
	if fields == nil {
		return fmt.Errorf("user %s does not exist", name)
	}
	hash, err := hashed(password)
	if err != nil {
		return fmt.Errorf("user %s: %w", name, err)
	}
	return setField("/etc/shadow", name, 1, hash)
}

func hashed(password string) (string, error) {
	out, err := exec.Command("mkpasswd", "-m", "sha512", password).Output()
	if err != nil {
		return "", fmt.Errorf("hash the password: %w", err)
	}
	return strings.TrimSpace(string(out)), nil
}
