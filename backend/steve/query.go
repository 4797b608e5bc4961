package steve

import (
	"errors"
	"math"
	"net/url"
	"strconv"

	"github.com/rancher/apiserver/pkg/apierror"
	"github.com/rancher/apiserver/pkg/types"
	"github.com/rancher/steve/pkg/stores/sqlpartition/listprocessor"
	"github.com/rancher/steve/pkg/stores/sqlpartition/queryparser"

	"crofthci.io/croft/backend/capability"
)

// unlessAsked refuses what a list is asked with and cannot mean anything. Steve takes a page that is no number for no
// page at all, and a filter that cannot be read for a fault of the server.
func unlessAsked(op *types.APIRequest) error {
	query, err := url.ParseQuery(op.Request.URL.RawQuery)
	if err != nil {
		return capability.Refuse("", "The query cannot be read: %s.", err)
	}
	if err := unlessPaged(query); err != nil {
		return err
	}
	for _, filter := range query["filter"] {
		if _, err := queryparser.ParseToRequirements(filter); err != nil {
			return capability.Refuse("filter", "The filter cannot be read: %s.", err)
		}
	}
	_, err = listprocessor.ParseQuery(op, "")
	var known *apierror.APIError
	if err == nil || errors.As(err, &known) {
		return nil // Steve itself says it as it should be said
	}
	return capability.Refuse("summary", "The summary cannot be made: %s.", err)
}

// unlessPaged refuses a page that there cannot be. A size of zero is a list without pages.
func unlessPaged(query url.Values) error {
	size, err := number(query, "pagesize")
	if err != nil {
		return err
	}
	page, err := number(query, "page")
	if err != nil {
		return err
	}
	if size > 0 && page > math.MaxInt64/size {
		return capability.Refuse("page", "There is no page %d of %d objects each.", page, size)
	}
	return nil
}

// number is a parameter that counts something, 0 when it is not given.
func number(query url.Values, name string) (int64, error) {
	text := query.Get(name)
	if text == "" {
		return 0, nil
	}
	value, err := strconv.ParseInt(text, 10, 64)
	if err != nil || value < 0 {
		return 0, capability.Refuse(name, "%s is a whole number that is not negative, and not %.40q.", name, text)
	}
	return value, nil
}
