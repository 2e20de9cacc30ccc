package httpapi

import (
	"context"

	"example.com/plinth/gen/api"
	"example.com/plinth/kit/auth"
)

// keysCacheControl allows caching the keys. A key is published one rotation before
// it signs, so that a copy knows it; the time is short because a copy also knows a key that was
// dropped after a leak.
const keysCacheControl = "public, max-age=300"

// GetJSONWebKeySet implements api.StrictServerInterface.
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

// orNone leaves a member out that is empty.
func orNone(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}
