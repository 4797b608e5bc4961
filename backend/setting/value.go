package setting

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/kubevirt"
)

// Check says what is wrong with a value, nil when nothing is. The empty value means the default and is never checked.
type Check func(value string) error

// longest is as much of a text as people read in a refusal, in bytes.
const longest = 300

// Brief is the beginning of a text that may be as long as whoever has sent it wanted.
func Brief(text string) string {
	if len(text) <= longest {
		return text
	}
	return strings.ToValidUTF8(text[:longest], "") + "…"
}

func anything(string) error { return nil }

func whole(least, most int64) Check {
	return func(value string) error {
		number, err := strconv.ParseInt(value, 10, 64)
		if err != nil {
			return fmt.Errorf("must be a whole number, not %q", value)
		}
		if number < least || number > most {
			return fmt.Errorf("must be between %d and %d, not %d", least, most, number)
		}
		return nil
	}
}

func ratio(least float64) Check {
	return func(value string) error {
		number, err := strconv.ParseFloat(value, 64)
		if err != nil || math.IsNaN(number) || math.IsInf(number, 0) {
			return fmt.Errorf("must be a number, not %q", value)
		}
		if number != 0 && number < least {
			return fmt.Errorf("must be 0 or at least %g, not %g", least, number)
		}
		return nil
	}
}

// isZero says whether a number is 0, however it is written.
func isZero(value string) bool {
	number, err := strconv.ParseFloat(value, 64)
	return err == nil && number == 0
}

func oneOf(words ...string) Check {
	return func(value string) error {
		if slices.Contains(words, value) {
			return nil
		}
		return fmt.Errorf("must be one of %s, not %q", strings.Join(words, ", "), value)
	}
}

func address(value string) error {
	parsed, err := url.Parse(value)
	if err != nil {
		return errors.New("must be a URL")
	}
	if parsed.Scheme != "http" && parsed.Scheme != "https" || parsed.Host == "" {
		return errors.New("must be a URL with http or https and a host")
	}
	return nil
}

func object(value string) error {
	var fields map[string]any
	if err := json.Unmarshal([]byte(value), &fields); err != nil || fields == nil {
		return errors.New("must be a JSON object")
	}
	return nil
}

// overcommit asks for how much more than it has a node may promise.
func overcommit(value string) error {
	_, err := harvesterv1.ParseOvercommit(value)
	return err
}

// forceReset asks what becomes of the machines of a lost node.
func forceReset(value string) error {
	_, err := harvesterv1.ParseForceReset(value)
	return err
}

// registration asks where the manifest of a Rancher is.
func registration(value string) error {
	_, err := harvesterv1.ParseRegistration(value)
	return err
}

// migration asks how machines are migrated.
func migration(value string) error {
	_, err := kubevirt.ParseMigrationConfiguration(value)
	return err
}
