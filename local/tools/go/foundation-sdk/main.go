// Checks dashboards against the schema of Grafana's foundation SDK: every field is known and has the right type.
// Arguments: JSON files of dashboards. Prints one problem per line; exits with 1 if there is any.
package main

import (
	"errors"
	"fmt"
	"os"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/cog/plugins"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

func main() {
	plugins.RegisterDefaultPlugins()
	failed := false
	for _, file := range os.Args[1:] {
		for _, problem := range problems(file) {
			failed = true
			fmt.Printf("%s: %s\n", file, problem)
		}
	}
	if failed {
		os.Exit(1)
	}
}

func problems(file string) []string {
	content, err := os.ReadFile(file)
	if err != nil {
		return []string{err.Error()}
	}
	var board dashboard.Dashboard
	return append(messages(board.UnmarshalJSONStrict(content)), messages(board.Validate())...)
}

// messages returns the errors of all fields, each after its path.
func messages(err error) []string {
	if err == nil {
		return nil
	}
	var several cog.BuildErrors
	if !errors.As(err, &several) {
		return []string{err.Error()}
	}
	found := make([]string, 0, len(several))
	for _, one := range several {
		found = append(found, one.Error())
	}
	return found
}
