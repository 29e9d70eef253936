package table

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"cel.dev/cel-go/cel"
	"cel.dev/cel-go/common"
	"cel.dev/cel-go/interpreter"

	"license_exporter/internal/spelling"
)

var (
	undeclared = regexp.MustCompile(`^undeclared reference to '([^']*)'`)
	noOverload = regexp.MustCompile(`^found no matching overload for '([^']*)' applied to '(.*)'$`)
	noMember   = regexp.MustCompile(`^no such key: (.*)$`)
	operatorOf = regexp.MustCompile(`^[@_]*([^_@a-z]+|in)_?$`)
	plainName  = regexp.MustCompile(`^[A-Za-z_]\w*$`)
)

// explain returns the first error that CEL found in an expression, in plain words.
func explain(issues *cel.Issues, text, variable string, env *cel.Env) error {
	if issues.Err() == nil {
		return nil
	}
	found := issues.Errors()[0]
	for _, e := range issues.Errors() { // a syntax error explains the errors after it
		if e.Location.Line() < found.Location.Line() {
			found = e
		}
	}
	message := explainIssue(found.Message, variable, env)
	if strings.TrimSpace(text) == "" {
		message = "it is empty"
	}
	place := fmt.Sprintf("column %d", columnOf(found.Location, text))
	if found.Location.Line() > 1 {
		place = fmt.Sprintf("line %d, %s", found.Location.Line(), place)
	}
	return fmt.Errorf("must be a CEL expression, such as %s.name; %s: %s", variable, place, message)
}

// columnOf returns the column of a place in a text, counted from 1. CEL gives the parenthesis as the place of a
// call, and this is the function.
func columnOf(at common.Location, text string) int {
	lines := strings.Split(text, "\n")
	line := []rune(lines[min(max(at.Line(), 1), len(lines))-1])
	column := min(max(at.Column(), 0), len(line))
	if column < len(line) && line[column] == '(' {
		for column > 0 && letterOrDigit.MatchString(string(line[column-1])) {
			column--
		}
	}
	return column + 1
}

func explainIssue(message, variable string, env *cel.Env) string {
	message, _, _ = strings.Cut(message, "\n")
	if m := undeclared.FindStringSubmatch(message); m != nil {
		return explainName(m[1], variable, env)
	}
	if m := noOverload.FindStringSubmatch(message); m != nil {
		return explainOverload(m[1], m[2])
	}
	if syntax, ok := strings.CutPrefix(message, "Syntax error: "); ok {
		return explainSyntax(syntax)
	}
	switch {
	case strings.Contains(message, "size exceeds limit"), strings.Contains(message, "code point size"):
		return fmt.Sprintf("it has more than %d characters", maxExpression)
	case strings.Contains(message, "recursion"):
		return "it is nested too deeply"
	case strings.Contains(message, "cannot be range of a comprehension"):
		return "only a list or an object has map, filter, exists and all"
	case strings.Contains(message, "does not support field selection"):
		return "only an object has members; this is another value"
	case strings.HasPrefix(message, "expected type"), strings.Contains(message, "incorrect type"):
		return "the values have different types"
	}
	return strings.ReplaceAll(message, "'", `"`)
}

func explainName(name, variable string, env *cel.Env) string {
	var known []string
	for function := range maps.Keys(env.Functions()) {
		if plainName.MatchString(function) {
			known = append(known, function)
		}
	}
	slices.Sort(known)
	nearest := spelling.Nearest(name, append(known, "has", "all", "exists", "exists_one", "map", "filter"))
	switch {
	case nearest != "" && nearest != name:
		return fmt.Sprintf("%q is not known; did you mean %s(…)?", name, nearest)
	case !plainName.MatchString(name):
		return fmt.Sprintf("%q is not known", name)
	}
	return fmt.Sprintf("%q is not known; did you mean %s.%s, or the text %q?", name, variable, name, name)
}

var typeNames = strings.NewReplacer("string", "text", "double", "number", "int", "whole number", "bool", "true or false", "timestamp", "date",
	"dyn", "value", "list", "list", "null_type", "null", "map", "object")

func explainOverload(function, arguments string) string {
	target, arguments, isMethod := strings.Cut(arguments, ".(")
	if !isMethod {
		target, arguments = "", strings.TrimPrefix(target, "(")
	}
	arguments = typeNames.Replace(strings.TrimSuffix(arguments, ")"))
	if function == "_?_:_" {
		return "what is before ? must be true or false, and both alternatives of the same type"
	}
	if m := operatorOf.FindStringSubmatch(function); m != nil {
		return fmt.Sprintf("%s cannot be used with these types: %s; number(…) makes a number of a text, string(…) a text of a number", m[1], arguments)
	}
	given := "with " + arguments
	if arguments == "" {
		given = "without anything in the parentheses"
	}
	if isMethod {
		given += " for a " + typeNames.Replace(target)
	}
	return fmt.Sprintf("%s(…) cannot be used %s", function, given)
}

// reserved are words that cannot be the names of members after a point.
var reserved = []string{"true", "false", "null", "in"}

func explainSyntax(message string) string {
	switch {
	case strings.Contains(message, "'<EOF>'"):
		return "it ends too early; is a parenthesis or an operand missing?"
	case strings.HasPrefix(message, "token recognition error at: '= '"), strings.Contains(message, "input '='"):
		return "two values are compared with ==, not ="
	case strings.HasPrefix(message, "token recognition error"):
		return `there is a character that cannot be used here; texts are in quotes, as "text"`
	}
	_, after, _ := strings.Cut(message, "'")
	if word, _, _ := strings.Cut(after, "'"); slices.Contains(reserved, word) {
		return fmt.Sprintf("%q is a word of CEL; a member of this name is r[%q]", word, word)
	}
	if what, _, ok := strings.Cut(after, "'"); ok {
		return fmt.Sprintf(`%q cannot be used here; a column with spaces in its name is r["Renewal date"]`, clip(what))
	}
	return "it cannot be read"
}

// explainEvaluation returns an error of an evaluation in plain words. names are the members that the expression names.
func explainEvaluation(err error, names []string) error {
	var advice adviceError
	if errors.As(err, &advice) {
		return advice
	}
	var canceled interpreter.EvalCancelledError
	message := err.Error()
	switch m := noMember.FindStringSubmatch(message); {
	case errors.As(err, &canceled):
		return errors.New("the expression takes too long; it has too many steps for this value")
	case m != nil && !slices.Contains(names, m[1]): // it is a value of the record
		return errors.New("an object of the expression has no member for this value")
	case m != nil:
		return fmt.Errorf("there is no member %q, because the value is null or not an object", m[1])
	case strings.HasPrefix(message, "no such overload"):
		return errors.New("a value has a type that cannot be used here, such as null or a text in a calculation; number(…) makes a number of a text")
	case strings.Contains(message, "by zero"):
		return errors.New("divides by zero")
	case strings.HasSuffix(message, "protobuf.Duration'"), strings.Contains(message, "invalid duration"):
		return errors.New("duration(…) must be given hours, minutes or seconds, such as 8760h for a year")
	case strings.HasPrefix(message, "invalid RFC 3339"), strings.HasSuffix(message, "protobuf.Timestamp'"):
		return errors.New("timestamp(…) reads only dates such as 2027-03-31T12:00:00Z; date(…) reads others")
	case strings.HasPrefix(message, "type conversion error"):
		return errors.New("a value cannot be converted to this type; number(…) reads numbers and date(…) reads dates")
	case strings.HasPrefix(message, "index out of bounds"):
		return errors.New("the list has no such element")
	case strings.HasPrefix(message, "internal error"):
		return errors.New("the expression cannot be evaluated")
	}
	// Errors of CEL may quote the value.
	if quoted := strings.IndexAny(message, "'\"`\n"); quoted >= 0 {
		message = message[:quoted]
	}
	return errors.New("cannot be evaluated: " + strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(message), ":")))
}
