package kubevirt

import (
	"encoding/json"
	"reflect"
)

// bodyOf is the JSON of a verb's options: an empty object for none, because virt-api reads some body always.
func bodyOf(options any) ([]byte, error) {
	if options == nil || reflect.ValueOf(options).IsNil() {
		return []byte("{}"), nil
	}
	return json.Marshal(options)
}
