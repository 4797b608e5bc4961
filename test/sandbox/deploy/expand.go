package deploy

import "strings"

// expand replaces $(NAME) by the variable's value, as Kubernetes does in
// commands, arguments and variables: $$(NAME) stays $(NAME), and an unknown name
// stays as it is written.
func expand(text string, variables map[string]string) string {
	var out strings.Builder
	for {
		at := strings.IndexByte(text, '$')
		if at < 0 || at+1 == len(text) {
			return out.String() + text
		}
		out.WriteString(text[:at])
		rest := text[at+1:]
		switch rest[0] {
		case '$':
			out.WriteByte('$')
			text = rest[1:]
		case '(':
			end := strings.IndexByte(rest, ')')
			if end < 0 {
				return out.String() + text[at:]
			}
			out.WriteString(valueOf(rest[1:end], variables))
			text = rest[end+1:]
		default:
			out.WriteByte('$')
			text = rest
		}
	}
}

func valueOf(name string, variables map[string]string) string {
	if value, known := variables[name]; known {
		return value
	}
	return "$(" + name + ")"
}
