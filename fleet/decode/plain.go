package decode

import (
	"bytes"
	"reflect"
	"strconv"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// escaped says that a text has more than what it says.
func escaped(text []byte) bool {
	return bytes.IndexByte(text, '\\') >= 0 || !utf8.Valid(text)
}

// plainText is a text without its quotes, and the place behind it.
func plainText(text []byte, at int) (string, int, error) {
	end := behindText(text, at)
	if end < 0 {
		return "", 0, errOdd
	}
	if inner := text[at+1 : end-1]; !escaped(inner) {
		return string(inner), end, nil
	}
	if read, err := jsontext.AppendUnquote(make([]byte, 0, end-at), text[at:end]); err == nil {
		return string(read), end, nil
	}
	var read string
	err := JSON(text[at:end], &read)
	return read, end, err
}

func readText(text []byte, at int, into reflect.Value) (int, error) {
	read, end, err := plainText(text, at)
	if err != nil {
		return 0, err
	}
	into.SetString(read)
	return end, nil
}

// readTexts reads an object of texts, such as labels.
func readTexts(text []byte, at int, into reflect.Value) (int, error) {
	all := into.Addr().Interface().(*map[string]string) //nolint:forcetypeassert // for nothing else
	if *all == nil {
		*all = map[string]string{}
	}
	return members(text, at, func(name []byte, at int) (int, error) {
		if escaped(name) || at < len(text) && text[at] == 'n' {
			return 0, errOdd
		}
		read, end, err := plainText(text, at)
		if err == nil {
			(*all)[string(name)] = read
		}
		return end, err
	})
}

func readBool(text []byte, at int, into reflect.Value) (int, error) {
	end := behindWord(text, at)
	if end < 0 {
		return 0, errOdd
	}
	word := string(text[at:end])
	if word != "true" && word != "false" {
		return 0, errOdd
	}
	into.SetBool(word == "true")
	return end, nil
}

func readInt(text []byte, at int, into reflect.Value) (int, error) {
	end := behindWord(text, at)
	if end < 0 {
		return 0, errOdd
	}
	number, err := strconv.ParseInt(string(text[at:end]), 10, into.Type().Bits())
	if err != nil || odd(text[at:end]) {
		return 0, errOdd
	}
	into.SetInt(number)
	return end, nil
}

func readUint(text []byte, at int, into reflect.Value) (int, error) {
	end := behindWord(text, at)
	if end < 0 {
		return 0, errOdd
	}
	number, err := strconv.ParseUint(string(text[at:end]), 10, into.Type().Bits())
	if err != nil || odd(text[at:end]) {
		return 0, errOdd
	}
	into.SetUint(number)
	return end, nil
}

// odd says that a number is not written as in JSON, such as 007 or +7.
func odd(number []byte) bool {
	digits := bytes.TrimPrefix(number, []byte("-"))
	return number[0] == '+' || len(digits) > 1 && digits[0] == '0'
}
