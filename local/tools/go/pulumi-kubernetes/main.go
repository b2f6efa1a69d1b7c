// Serves the kubernetes resource provider from its Go module. The module's own main
// needs generated files that the module does not carry; the builder puts its schema beside this file.
package main

import (
	_ "embed"

	"github.com/pulumi/pulumi-kubernetes/provider/v4/pkg/provider"
)

//go:embed schema.json
var schema []byte

// Set by the linker to the version that the Python SDK asks for.
var version string

func main() {
	provider.Serve("kubernetes", version, schema, []byte("{}"))
}
