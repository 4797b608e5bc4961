package driver

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"github.com/rancher/machine/libmachine/drivers"
	"github.com/rancher/machine/libmachine/mcnflag"
)

// Name is the driver's: its binary is docker-machine-driver-croft, its flags begin with --croft-.
const Name = "croft"

// declared is one of Flags as its tags say.
type declared struct {
	// Group is the struct that it stands in.
	Group string
	// Name is the flag's, without the driver's before it; Usage explains it, Default is its value where nobody gives one.
	Name, Usage, Default string
	// Secret says that its value is not for others' eyes.
	Secret bool

	value reflect.Value
}

// declarations are all of Flags, in order; to set their values is to set them in flags.
func declarations(flags *Flags) []declared {
	var all []declared
	for group, parts := range reflect.ValueOf(flags).Elem().Fields() {
		for field, value := range parts.Fields() {
			all = append(all, declared{
				Group: group.Name, Name: field.Tag.Get("flag"), Usage: field.Tag.Get("usage"),
				Default: field.Tag.Get("default"), Secret: field.Tag.Get("secret") == "true", value: value,
			})
		}
	}
	return all
}

// flag is the full name of a flag.
func (d declared) flag() string { return Name + "-" + d.Name }

// variable is its name in the environment.
func (d declared) variable() string {
	return strings.ToUpper(strings.ReplaceAll(d.flag(), "-", "_"))
}

// field is its name in Rancher's machine configuration.
func (d declared) field() string {
	words := strings.Split(d.Name, "-")
	for i, word := range words[1:] {
		words[i+1] = strings.ToUpper(word[:1]) + word[1:]
	}
	return strings.Join(words, "")
}

// createFlags are the flags as rancher-machine wants them.
func createFlags() []mcnflag.Flag {
	var flags []mcnflag.Flag
	for _, d := range declarations(&Flags{}) {
		switch d.value.Kind() {
		case reflect.Int:
			flags = append(flags, mcnflag.IntFlag{Name: d.flag(), Usage: d.Usage, EnvVar: d.variable(), Value: number(d.Default)})
		case reflect.Bool:
			flags = append(flags, mcnflag.BoolFlag{Name: d.flag(), Usage: d.Usage, EnvVar: d.variable()})
		default:
			flags = append(flags, mcnflag.StringFlag{Name: d.flag(), Usage: d.Usage, EnvVar: d.variable(), Value: d.Default})
		}
	}
	return flags
}

// readFlags are the values that rancher-machine was given.
func readFlags(options drivers.DriverOptions) Flags {
	var flags Flags
	for _, d := range declarations(&flags) {
		switch d.value.Kind() {
		case reflect.Int:
			d.value.SetInt(int64(options.Int(d.flag())))
		case reflect.Bool:
			d.value.SetBool(options.Bool(d.flag()))
		default:
			d.value.SetString(strings.TrimSpace(options.String(d.flag())))
		}
	}
	return flags
}

// number is a default that is one.
func number(text string) int {
	value, err := strconv.Atoi(text)
	if err != nil {
		panic(fmt.Sprintf("default %q is no number", text))
	}
	return value
}
