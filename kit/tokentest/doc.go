// Package tokentest makes JSON Web Tokens that a service must reject: other claims, other headers,
// other signatures. It uses no library of JWT, which would refuse to make most of them.
//
// It must not know the claims of the service, apart from iat and exp.
package tokentest
