// Serves the random resource provider. The builder puts schema.json, written by pulumi-tfgen-random, beside this file.
package main

import (
	"context"
	_ "embed"

	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/pf/tfbridge"

	"tools/pulumi-random/provider"
)

//go:embed schema.json
var schema []byte

func main() {
	tfbridge.Main(context.Background(), "random", provider.Info(), tfbridge.ProviderMetadata{PackageSchema: schema})
}
