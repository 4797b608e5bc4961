package setting_test

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"crofthci.io/croft/backend/setting"
)

func TestAll(t *testing.T) {
	if !slices.IsSortedFunc(setting.All, func(a, b setting.Known) int { return strings.Compare(a.Name, b.Name) }) {
		t.Error("settings are sorted by name, so that one finds them")
	}
	for _, known := range setting.All {
		if known.Default == "" {
			continue
		}
		if err := known.Check(known.Default); err != nil {
			t.Errorf("the default of %s must pass its own check: %v", known.Name, err)
		}
	}
}

// TestPage keeps the table in README.md the same as the one in the code.
func TestPage(t *testing.T) {
	page, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, known := range setting.All {
		row := fmt.Sprintf("| `%s` | %s | %s | %s |", known.Name, code(known.Default), inForce(known), known.Summary)
		if !strings.Contains(string(page), row+"\n") {
			t.Errorf("README.md lacks the row\n%s", row)
		}
	}
}

func code(text string) string {
	if text == "" {
		return ""
	}
	return "`" + text + "`"
}

func inForce(known setting.Known) string {
	if known.InForce {
		return "yes"
	}
	return "kept"
}

func TestCheck(t *testing.T) {
	cases := map[string]struct {
		reason string
		name   string
		value  string
		want   string
	}{
		"Overcommit":      {"percentages are given by name", "overcommit-config", `{"cpu":200,"memory":100,"storage":100}`, ""},
		"OvercommitLow":   {"promising less than there is wastes a node", "overcommit-config", `{"cpu":50}`, "cpu, memory and storage must be at least 100 percent"},
		"OvercommitText":  {"a value that is no JSON is refused", "overcommit-config", `lots`, `must be a JSON object such as {"cpu":1000,"memory":150,"storage":100}`},
		"Grace":           {"a period is not negative", "default-vm-termination-grace-period-seconds", "-1", "must be between 0 and 2147483647, not -1"},
		"GraceText":       {"a period is a number", "default-vm-termination-grace-period-seconds", "2m", `must be a whole number, not "2m"`},
		"RatioOff":        {"0 switches the ratio off", "additional-guest-memory-overhead-ratio", "0", ""},
		"RatioLow":        {"KubeVirt needs at least what it needs", "additional-guest-memory-overhead-ratio", "0.5", "must be 0 or at least 1, not 0.5"},
		"RatioNaN":        {"what is no number compares with none", "additional-guest-memory-overhead-ratio", "NaN", `must be a number, not "NaN"`},
		"RatioInf":        {"nor is memory without end a factor", "additional-guest-memory-overhead-ratio", "+Inf", `must be a number, not "+Inf"`},
		"Level":           {"words come from a list", "log-level", "loud", `must be one of panic, fatal, error, warn, info, debug, trace, not "loud"`},
		"URL":             {"a URL has a host", "release-download-url", "https://", "must be a URL with http or https and a host"},
		"ObjectNotObject": {"a list is no object", "http-proxy", "[]", "must be a JSON object"},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			known, found := setting.Find(tc.name)
			if !found {
				t.Fatalf("there is no setting %s", tc.name)
			}
			got := ""
			if err := known.Check(tc.value); err != nil {
				got = err.Error()
			}
			if diff := cmp.Diff(tc.want, got); diff != "" {
				t.Errorf("%s: -want +got:\n%s", tc.reason, diff)
			}
		})
	}
}

func TestActsOn(t *testing.T) {
	cases := map[string]struct {
		reason string
		name   string
		value  string
		want   bool
	}{
		"Grace":    {"machines are given the period", "default-vm-termination-grace-period-seconds", "30", true},
		"RatioOff": {"0 keeps memory from the guest, however it is written", "additional-guest-memory-overhead-ratio", "0.0", true},
		"Ratio":    {"another factor is KubeVirt's to be told, and nobody tells it", "additional-guest-memory-overhead-ratio", "2", false},
		"Drivers":  {"snapshots of volumes are of the class that it names", "csi-driver-config", "{}", true},
		"Growing":  {"volumes in use grow only as it says", "csi-online-expand-validation", "{}", true},
		"Kept":     {"a value that clients read is kept", "upgrade-checker-enabled", "false", false},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			known, found := setting.Find(tc.name)
			if !found || known.ActsOn(tc.value) != tc.want {
				t.Errorf("%s: want %t", tc.reason, tc.want)
			}
		})
	}
}
