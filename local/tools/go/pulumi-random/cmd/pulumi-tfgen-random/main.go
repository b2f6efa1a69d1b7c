// Writes the Pulumi package schema of the bridged random provider.
package main

import (
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/pf/tfgen"

	"tools/pulumi-random/provider"
)

func main() {
	tfgen.Main("random", provider.Info())
}
