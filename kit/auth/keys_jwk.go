package auth

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"math/big"
)

const (
	minRSABits = 2048
	maxRSABits = 4096 // so that every token stays within maxTokenLength
	// rsaExponent is the only accepted public exponent.
	rsaExponent = 65537
	// curveSize is the size of coordinates and scalars of both curves, in bytes.
	curveSize = 32
)

// PublicJWK is the public half of a key (RFC 7517, RFC 7518 section 6, RFC 8037); its members
// depend on KeyType. Published keys are of this type, which has no private or symmetric member.
type PublicJWK struct {
	KeyType   string `json:"kty"`
	Curve     string `json:"crv,omitempty"`
	Algorithm string `json:"alg"`
	KeyID     string `json:"kid,omitempty"`
	Use       string `json:"use,omitempty"`
	X         string `json:"x,omitempty"`
	Y         string `json:"y,omitempty"`
	N         string `json:"n,omitempty"`
	E         string `json:"e,omitempty"`
}

// privateJWK is an entry of a key file.
type privateJWK struct {
	PublicJWK

	KeyOps  []string `json:"key_ops"`
	Expires int64    `json:"exp,omitzero"`
	D       string   `json:"d,omitempty"`
	P       string   `json:"p,omitempty"`
	Q       string   `json:"q,omitempty"`
	DP      string   `json:"dp,omitempty"` // dp, dq and qi are for other parsers;
	DQ      string   `json:"dq,omitempty"` // this one computes them from d, p and q
	QI      string   `json:"qi,omitempty"`
}

type privateJWKSet struct {
	Keys []privateJWK `json:"keys"`
}

func encodePublic(public crypto.PublicKey) (PublicJWK, error) {
	var jwk PublicJWK
	var thumbprint string // the required members in lexicographic order, RFC 7638
	switch key := public.(type) {
	case ed25519.PublicKey:
		jwk = PublicJWK{KeyType: "OKP", Curve: "Ed25519", Algorithm: AlgorithmEdDSA, X: encodeBytes(key)}
		thumbprint = fmt.Sprintf(`{"crv":%q,"kty":%q,"x":%q}`, jwk.Curve, jwk.KeyType, jwk.X)
	case *ecdsa.PublicKey:
		point, err := key.Bytes()
		if err != nil {
			return PublicJWK{}, fmt.Errorf("encoding point: %w", err)
		}
		jwk = PublicJWK{
			KeyType: "EC", Curve: "P-256", Algorithm: AlgorithmES256,
			X: encodeBytes(point[1 : 1+curveSize]), Y: encodeBytes(point[1+curveSize:]),
		}
		thumbprint = fmt.Sprintf(`{"crv":%q,"kty":%q,"x":%q,"y":%q}`, jwk.Curve, jwk.KeyType, jwk.X, jwk.Y)
	case *rsa.PublicKey:
		jwk = PublicJWK{
			KeyType: "RSA", Algorithm: AlgorithmRS256,
			N: encodeBytes(key.N.Bytes()), E: encodeBytes(big.NewInt(int64(key.E)).Bytes()),
		}
		thumbprint = fmt.Sprintf(`{"e":%q,"kty":%q,"n":%q}`, jwk.E, jwk.KeyType, jwk.N)
	default:
		return PublicJWK{}, fmt.Errorf("no JWK for a key of type %T", public)
	}
	sum := sha256.Sum256([]byte(thumbprint))
	jwk.KeyID = encodeBytes(sum[:])
	return jwk, nil
}

func encodePrivate(key *tokenKey) (privateJWK, error) {
	jwk := privateJWK{PublicJWK: key.jwk, KeyOps: []string{"verify"}}
	switch private := key.private.(type) {
	case nil:
		jwk.Expires = key.expires.Unix()
	case ed25519.PrivateKey:
		jwk.D = encodeBytes(private.Seed())
	case *ecdsa.PrivateKey:
		scalar, err := private.Bytes()
		if err != nil {
			return privateJWK{}, fmt.Errorf("encoding private key: %w", err)
		}
		jwk.D = encodeBytes(scalar)
	case *rsa.PrivateKey:
		jwk.D = encodeBytes(private.D.Bytes())
		jwk.P, jwk.Q = encodeBytes(private.Primes[0].Bytes()), encodeBytes(private.Primes[1].Bytes())
		jwk.DP, jwk.DQ = encodeBytes(private.Precomputed.Dp.Bytes()), encodeBytes(private.Precomputed.Dq.Bytes())
		jwk.QI = encodeBytes(private.Precomputed.Qinv.Bytes())
	default:
		return privateJWK{}, fmt.Errorf("no JWK for a key of type %T", private)
	}
	return jwk, nil
}

// material returns the keys of an entry; private is nil if the entry has no d.
func (j privateJWK) material() (public crypto.PublicKey, private crypto.Signer, err error) {
	switch {
	case j.Algorithm == AlgorithmEdDSA && j.KeyType == "OKP" && j.Curve == "Ed25519":
		return j.ed25519()
	case j.Algorithm == AlgorithmES256 && j.KeyType == "EC" && j.Curve == "P-256":
		return j.p256()
	case j.Algorithm == AlgorithmRS256 && j.KeyType == "RSA" && j.Curve == "":
		return j.rsa()
	}
	return nil, nil, errors.New("alg, kty and crv are none of EdDSA/OKP/Ed25519, ES256/EC/P-256 and RS256/RSA")
}

func (j privateJWK) ed25519() (crypto.PublicKey, crypto.Signer, error) {
	public, err := decodeCurveBytes(j.X)
	if err != nil {
		return nil, nil, errors.New("x is not an Ed25519 public key")
	}
	if j.D == "" {
		return ed25519.PublicKey(public), nil, nil
	}
	seed, err := decodeCurveBytes(j.D)
	if err != nil {
		return nil, nil, errors.New("d is not an Ed25519 private key")
	}
	private := ed25519.NewKeyFromSeed(seed)
	if !ed25519.PublicKey(public).Equal(private.Public()) {
		return nil, nil, errors.New("d is not the private half of x")
	}
	return ed25519.PublicKey(public), private, nil
}

func (j privateJWK) p256() (crypto.PublicKey, crypto.Signer, error) {
	x, xErr := decodeCurveBytes(j.X)
	y, yErr := decodeCurveBytes(j.Y)
	if xErr != nil || yErr != nil {
		return nil, nil, errors.New("x and y are not the coordinates of a P-256 point")
	}
	uncompressed := append(append([]byte{4}, x...), y...) // SEC 1, section 2.3.3
	public, err := ecdsa.ParseUncompressedPublicKey(elliptic.P256(), uncompressed)
	if err != nil {
		return nil, nil, errors.New("x and y are not the coordinates of a P-256 point")
	}
	if j.D == "" {
		return public, nil, nil
	}
	scalar, err := decodeCurveBytes(j.D)
	if err != nil {
		return nil, nil, errors.New("d is not a P-256 private key")
	}
	private, err := ecdsa.ParseRawPrivateKey(elliptic.P256(), scalar)
	if err != nil {
		return nil, nil, errors.New("d is not a P-256 private key")
	}
	if !private.PublicKey.Equal(public) {
		return nil, nil, errors.New("d is not the private half of x and y")
	}
	return public, private, nil
}

func (j privateJWK) rsa() (crypto.PublicKey, crypto.Signer, error) {
	n, nErr := decodeInt(j.N)
	e, eErr := decodeInt(j.E)
	if nErr != nil || eErr != nil || e.Cmp(big.NewInt(rsaExponent)) != 0 {
		return nil, nil, fmt.Errorf("n and e are not an RSA public key with exponent %d", rsaExponent)
	}
	if n.BitLen() < minRSABits || n.BitLen() > maxRSABits {
		return nil, nil, fmt.Errorf("RSA key of %d bits, want %d to %d", n.BitLen(), minRSABits, maxRSABits)
	}
	public := &rsa.PublicKey{N: n, E: rsaExponent}
	if j.D == "" {
		return public, nil, nil
	}
	d, dErr := decodeInt(j.D)
	p, pErr := decodeInt(j.P)
	q, qErr := decodeInt(j.Q)
	if err := errors.Join(dErr, pErr, qErr); err != nil {
		return nil, nil, errors.New("d, p and q are not an RSA private key")
	}
	private := &rsa.PrivateKey{PublicKey: *public, D: d, Primes: []*big.Int{p, q}}
	private.Precompute()
	if err := private.Validate(); err != nil {
		return nil, nil, errors.New("d, p and q are not the private half of n and e")
	}
	return public, private, nil
}

func encodeBytes(b []byte) string { return base64.RawURLEncoding.EncodeToString(b) }

// decodeCurveBytes decodes canonical base64url of exactly curveSize bytes.
func decodeCurveBytes(s string) ([]byte, error) {
	raw, err := decodeSegment(s)
	if err == nil && len(raw) != curveSize {
		err = errors.New("wrong size")
	}
	return raw, err
}

// decodeInt decodes a number of at most maxRSABits.
func decodeInt(s string) (*big.Int, error) {
	raw, err := decodeSegment(s)
	if err == nil && (len(raw) == 0 || len(raw) > maxRSABits/8) {
		err = errors.New("wrong size")
	}
	return new(big.Int).SetBytes(raw), err
}
