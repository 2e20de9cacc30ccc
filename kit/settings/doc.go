// Package settings reads the settings of a program from a table: a struct with a row for each
// setting.
//
// A row is a field with the tag envconfig, which names the variable. The comment of the field is
// the help text. Its type and the other tags say what is accepted:
//
//   - default: the value if none is set. A tag named after an [Environment] overrides it there:
//     development:"0s".
//   - required: "true" if there must be a value.
//   - required_if: a condition on another row: "JWT_ALGORITHM=HS256", "JWT_ALGORITHM!=HS256".
//   - range: the bounds of a number, a duration or the length of a text: "1..365", "90..".
//   - unit: the unit of a [time.Duration] that is set as a whole number: "24h".
//   - oneof: the accepted words, separated by spaces.
//   - kind: the form of a string (address, host, path), a [Secret] (key), a [URL] (postgres, redis,
//     smtp, dsn, endpoint, site, http) or a list (origins).
//   - section: the heading that begins with this row.
//
// Some types need no kind: [Rate], [Mailbox], prefixes of networks, maps of key=value pairs. A
// program adds types by implementing [Kind]. Structs without the tag envconfig are tables inside
// the table; [Tracing] is one, with the standard variables of OpenTelemetry.
//
// Values come from the environment, in development from a .env file, and if they are secret also
// from the file that NAME_FILE names. [Read] fills the table and collects all problems; the program
// adds those that concern several settings; [Reader.Report] returns them together. Messages hold no
// secrets. Package settingsdoc documents a table.
//
// The package must not know what a setting is used for. Only [Environ] reads the environment of the
// process.
package settings
