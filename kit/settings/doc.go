// Package settings reads the settings of a program from a table: a struct with a row for each
// setting.
//
// A row is a field with the tag envconfig, which names the variable. Its doc comment is the help
// text, its type and the other tags say what is accepted:
//
//   - default: the value if none is set. A tag named by an [Environment] overrides it there:
//     development:"0s".
//   - required: "true" if there must be a value.
//   - required_if: the condition on another row: "JWT_ALGORITHM=HS256", "JWT_ALGORITHM!=HS256".
//   - range: bounds of a number, a duration or the length of a text: "1..365", "90..".
//   - unit: the duration of one, for a [time.Duration] that is set as a whole number: "24h".
//   - oneof: the accepted words, separated by spaces.
//   - kind: address, host, path or lines of a text; key of a [Secret]; postgres, redis, dsn or http
//     of a [URL]; origins of a list. Other types are kinds of their own: [Rate], prefixes of
//     networks, maps of key=value pairs. A type of the program is one if it implements
//     envconfig.Decoder and [Kind].
//   - section: the heading that begins with this row.
//
// Structs without the tag are tables inside the table. Values come from the environment, in
// development from a .env file, and for rows that hold secrets also from the file that NAME_FILE
// names.
//
// [Read] fills the table and collects all problems; the program adds those that it finds among
// several settings, and [Reader.Report] returns them together. No message holds a secret. Package
// settingsdoc documents a table.
//
// The package must not know what a setting is used for. It reads the environment of the process in
// [Environ] only.
package settings
