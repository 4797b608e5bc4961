package machinejob

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path"
	"path/filepath"
	"strings"
)

// order is what the image's entry point makes of its arguments.
type order struct {
	// url and hash are the driver's, "" when there is none to fetch, or none to compare with.
	url, hash string
	// args are rancher-machine's.
	args []string
}

// orderOf takes the driver's place out, and has every flag and its value be two arguments, as the entry point does.
func orderOf(args []string) order {
	var o order
	for _, arg := range args {
		flag, value, has := strings.Cut(arg, "=")
		switch {
		case flag == "--driver-download-url":
			o.url = value
		case flag == "--driver-hash":
			o.hash = value
		case has && flag != value:
			o.args = append(o.args, flag, value)
		default:
			o.args = append(o.args, flag)
		}
	}
	return o
}

// driverPrefix begins the names of drivers' programs.
const driverPrefix = "docker-machine-driver-"

// largest is how much a driver may be.
const largest = 1 << 30

// fetch gets the driver into a folder, if it is what its sum says.
func (o order) fetch(ctx context.Context, folder string) (said string, err error) {
	if o.url == "" {
		return "", nil
	}
	said = "Downloading driver from " + o.url + "\n"
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, o.url, nil)
	if err != nil {
		return said, err
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return said, err
	}
	defer answer.Body.Close()
	program, err := io.ReadAll(io.LimitReader(answer.Body, largest))
	if err != nil {
		return said, err
	}
	sum := sha256.Sum256(program)
	if o.hash != "" && hex.EncodeToString(sum[:]) != o.hash {
		return said, fmt.Errorf("downloaded file %s failed sha256 checksum", path.Base(request.URL.Path))
	}
	name, err := driverOf(request.URL.Path)
	if err != nil {
		return said, err
	}
	return said + driverPrefix + name + "\n", writeProgram(bytes.NewReader(program), filepath.Join(folder, driverPrefix+name))
}

// driverOf is the driver's name in its file's: what comes after the prefix, up to a dash, a dot or an underscore.
func driverOf(file string) (string, error) {
	name, is := strings.CutPrefix(path.Base(file), driverPrefix)
	if end := strings.IndexAny(name, "-_."); end >= 0 {
		name = name[:end]
	}
	if !is || name == "" {
		return "", errors.New("driver file does not seem to be in an accepted format")
	}
	return name, nil
}
