package envoy.authz

# Who may do what at frontend: by method, path and the caller's SPIFFE identity.
default allow := false

client := "spiffe://cluster.local/ns/shop/sa/client"

allow if {
	input.attributes.source.principal == client
	input.attributes.request.http.method == "GET"
	input.parsed_path[0] == "books"
}
