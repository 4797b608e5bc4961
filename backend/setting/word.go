package setting

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strings"

	"k8s.io/apimachinery/pkg/util/validation"
)

// name is a name of an object of Kubernetes.
func name(value string) error {
	if wrong := validation.IsDNS1123Subdomain(value); len(wrong) > 0 {
		return fmt.Errorf("must be the name of an object, not %q", value)
	}
	return nil
}

// host is the name or address of a server.
func host(value string) error {
	if len(validation.IsDNS1123Subdomain(strings.ToLower(value))) > 0 && !isIP(value) {
		return fmt.Errorf("must be a host name or an IP address, not %q", value)
	}
	return nil
}

// list checks each of the words that commas separate.
func list(check Check) Check {
	return func(value string) error {
		for word := range strings.SplitSeq(value, ",") {
			if err := check(strings.TrimSpace(word)); err != nil {
				return err
			}
		}
		return nil
	}
}

// path is the whole path of a file or folder.
func path(value string) error {
	if !filepath.IsAbs(value) {
		return fmt.Errorf("must be a path that begins with a slash, not %q", value)
	}
	return nil
}

// glob is the path of files, with the wildcards of a shell.
func glob(value string) error {
	if _, err := filepath.Match(value, ""); err != nil {
		return fmt.Errorf("must be a path with the wildcards *, ? and [], not %q", value)
	}
	return path(value)
}

var release = regexp.MustCompile(`^v?\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$`)

// version is a release such as v1.8.0.
func version(value string) error {
	if !release.MatchString(value) {
		return fmt.Errorf("must be a release such as 1.8.0, not %q", value)
	}
	return nil
}

var constraint = regexp.MustCompile(`^\s*((>=|<=|>|<|=|!=|~|\^)?\s*v?\d+(\.\d+){0,2}(-[0-9A-Za-z.-]+)?\s*,?\s*)+$`)

// versions are constraints such as >=0.0.1 <0.3.0.
func versions(value string) error {
	if !constraint.MatchString(value) {
		return fmt.Errorf("must be versions such as >=0.0.1 <0.3.0, not %q", value)
	}
	return nil
}

var fileName = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._-]{0,200}$`)

// file is the name of a file without its folder.
func file(value string) error {
	if !fileName.MatchString(value) {
		return fmt.Errorf("must be a file's name of letters, digits, dots, hyphens and underscores, not %q", value)
	}
	return nil
}
