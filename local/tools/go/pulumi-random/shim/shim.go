// Package shim opens the internal provider package of HashiCorp's random provider:
// its path lies below that module's, so Go lets it import the module's internal packages.
package shim

import (
	framework "github.com/hashicorp/terraform-plugin-framework/provider"

	"github.com/terraform-providers/terraform-provider-random/internal/provider"
)

// NewProvider returns the random provider of HashiCorp.
func NewProvider() framework.Provider { return provider.New() }
