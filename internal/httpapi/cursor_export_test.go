package httpapi

// For the tests of cursors alone.
var (
	EncodeCursor = encodeCursor
	DecodeCursor = decodeCursor

	EncodeUserCursor = encodeUserCursor
	DecodeUserCursor = decodeUserCursor
)
