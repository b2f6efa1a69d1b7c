"""Network flows of the stack and the policies built from them."""
