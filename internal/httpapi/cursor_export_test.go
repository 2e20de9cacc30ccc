package httpapi

// For the tests of the cursor alone.
var (
	EncodeUserCursor = encodeUserCursor
	DecodeUserCursor = decodeUserCursor
)
