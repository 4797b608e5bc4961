package registration

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/yaml"

	harvesterv1 "crofthci.io/croft/pkg/apis/harvester/v1beta1"
	"crofthci.io/croft/pkg/outside"
)

// What a manifest may take: in time, and in bytes.
const (
	longestFetch    = 30 * time.Second
	biggestManifest = 1 << 20
)

// fetch gets the manifest, by the site's way to the outside.
func fetch(ctx context.Context, from harvesterv1.Registration, way outside.Way) ([]*unstructured.Unstructured, error) {
	transport := http.DefaultTransport.(*http.Transport).Clone()
	transport.DisableKeepAlives = true
	transport.TLSClientConfig = &tls.Config{
		MinVersion:         tls.VersionTLS12,
		InsecureSkipVerify: from.InsecureSkipTLSVerify, // whoever sets it says so in the setting
	}
	way.Through(transport)
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, from.URL, http.NoBody)
	if err != nil {
		return nil, err
	}
	response, err := (&http.Client{Timeout: longestFetch, Transport: transport}).Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("%s answers %s", request.URL.Host, response.Status)
	}
	body, err := io.ReadAll(io.LimitReader(response.Body, biggestManifest+1))
	if err != nil {
		return nil, err
	}
	if len(body) > biggestManifest {
		return nil, errors.New("the manifest is bigger than 1 MiB")
	}
	return objects(body)
}

// objects are the objects of a manifest, in its order.
func objects(manifest []byte) ([]*unstructured.Unstructured, error) {
	var found []*unstructured.Unstructured
	decoder := yaml.NewYAMLOrJSONDecoder(bytes.NewReader(manifest), biggestManifest)
	for {
		object := &unstructured.Unstructured{}
		err := decoder.Decode(&object.Object)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, fmt.Errorf("what is there is no manifest: %w", err)
		}
		if len(object.Object) == 0 {
			continue
		}
		if object.GetKind() == "" || object.GetName() == "" {
			return nil, errors.New("what is there is no manifest: an object in it has no kind or no name")
		}
		found = append(found, object)
	}
	if len(found) == 0 {
		return nil, errors.New("what is there is no manifest: it is empty")
	}
	return found, nil
}
