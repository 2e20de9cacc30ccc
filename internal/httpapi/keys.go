package httpapi

import (
	"context"

	"example.com/plinth/gen/api"
	"example.com/plinth/kit/auth"
)

// keysCacheControl allows caching. Caches know a new key in time, because it is published one rotation
// before it signs. The time is short, because they also keep a key that was removed after a leak.
const keysCacheControl = "public, max-age=300"

func (h *handlers) GetJSONWebKeySet(
	ctx context.Context, _ api.GetJSONWebKeySetRequestObject,
) (api.GetJSONWebKeySetResponseObject, error) {
	keys := h.Keys.GetJSONWebKeySet(ctx)
	set := api.JSONWebKeySet{Keys: make([]api.JSONWebKey, len(keys))}
	for i, key := range keys {
		set.Keys[i] = toJSONWebKey(key)
	}
	return api.GetJSONWebKeySet200ApplicationJWKSetPlusJSONResponse{
		Body: set, Headers: api.GetJSONWebKeySet200ResponseHeaders{CacheControl: keysCacheControl},
	}, nil
}

func toJSONWebKey(key auth.PublicJWK) api.JSONWebKey {
	return api.JSONWebKey{
		Kty: api.JSONWebKeyKty(key.KeyType),
		Kid: key.KeyID,
		Alg: api.JSONWebKeyAlg(key.Algorithm),
		Use: api.JSONWebKeyUse(key.Use),
		Crv: orNone(key.Curve),
		X:   orNone(key.X),
		Y:   orNone(key.Y),
		N:   orNone(key.N),
		E:   orNone(key.E),
	}
}

// orNone returns nil for an empty member, which omits it.
func orNone(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}
