// Package provider bridges HashiCorp's random provider to Pulumi's random package.
package provider

import (
	"strings"

	bridge "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/pf/tfbridge"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	"github.com/pulumi/pulumi/sdk/v3/go/common/tokens"
	"github.com/terraform-providers/terraform-provider-random/shim"
)

// Version is set by the linker to the version that the Python SDK asks for.
var Version string

// The resources that exist in the published package; tokens random:index/random<Name>:Random<Name>.
var names = []string{"Bytes", "Id", "Integer", "Password", "Pet", "Shuffle", "String", "Uuid"}

// Info describes the bridged provider.
func Info() tfbridge.ProviderInfo {
	resources := map[string]*tfbridge.ResourceInfo{}
	for _, name := range names {
		resource := &tfbridge.ResourceInfo{
			Tok: tokens.Type("random:index/random" + name + ":Random" + name),
		}
		if name == "Bytes" {
			resource.ComputeID = tfbridge.DelegateIDField("hex", "random", "")
		}
		resources["random_"+strings.ToLower(name)] = resource
	}
	return tfbridge.ProviderInfo{
		Name:           "random",
		P:              bridge.ShimProvider(shim.NewProvider()),
		Version:        Version,
		Resources:      resources,
		IgnoreMappings: []string{"random_uuid4", "random_uuid7"},
		MetadataInfo:   tfbridge.NewProviderMetadata([]byte("{}")),
	}
}
