"""What no stack may do, as a Pulumi policy pack; the checks themselves import no Pulumi."""
